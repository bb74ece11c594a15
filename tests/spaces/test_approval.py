"""What waits for an owner: the inbox, yes, no with a reason, no answer; and nobody else gets the time meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.jobs.worker import work_once
from app.kit import clock
from app.models import Role, Space, User
from tests.access.test_fields import everything
from tests.api import Api
from tests.factories import make_space, make_user, set_hours, token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
BOOKINGS = "/api/bookings"
INBOX = {"status": "pending", "kind": "space"}


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def owner(app: Flask) -> User:
    """Whose the space is."""
    return make_user(Role.OWNER)


def house(owner: User, **fields: Any) -> Space:
    """Return a space whose owner is asked first."""
    space = make_space(owner, **({"instant_booking": False} | fields))
    set_hours(space)
    return space


def ask(api: Api, space: Space, begin: str = "10:00", end: str = "12:00", day: str = "2030-01-10") -> Any:
    """Ask for some time, as somebody new."""
    wanted = {"space_id": space.id, "starts_at": f"{day}T{begin}:00Z", "ends_at": f"{day}T{end}:00Z"}
    return api.post(BOOKINGS, wanted, token=token_for(make_user()))


def inbox(api: Api, token: str, **query: Any) -> list[int]:
    """Return the ids of what waits for somebody."""
    answer = api.get(BOOKINGS, query=INBOX | query, token=token)
    assert answer.status_code == 200, answer.json
    return [booking["id"] for booking in answer.json["items"]]


def test_the_inbox(api: Api, owner: User) -> None:
    """What waits for an answer about one's own spaces: not what is decided, not others', not services'."""
    space, foreign = house(owner), house(make_user(Role.OWNER))
    let = house(owner, instant_booking=True)
    waiting = [ask(api, space, day=f"2030-01-{day}").json["id"] for day in (10, 11)]
    ask(api, foreign)
    ask(api, let)
    token = token_for(owner)
    assert inbox(api, token, sort="starts_at") == waiting
    assert inbox(api, token, sort="starts_at", limit=1) == waiting[:1]
    assert inbox(api, token, space_id=let.id) == []
    assert inbox(api, token_for(make_user(Role.OWNER))) == inbox(api, token_for(make_user())) == []
    api.post(f"{BOOKINGS}/{waiting[0]}/approve", {}, token=token)
    assert inbox(api, token) == waiting[1:]


@pytest.mark.parametrize(
    ("begin", "end"),
    [("10:00", "12:00"), ("11:45", "13:00"), ("09:00", "10:15"), ("10:15", "11:15"), ("09:00", "14:00")],
)
def test_two_requests_for_one_time_cannot_wait(api: Api, app: Flask, owner: User, begin: str, end: str) -> None:
    """The second is refused, whatever part they share, with other times; touching is allowed."""
    space = house(owner)
    assert ask(api, space).json["status"] == "pending"
    before = everything(app)["bookings"]
    refused = ask(api, space, begin, end)
    assert (refused.status_code, refused.json["code"]) == (409, "slot_taken")
    assert refused.json["alternatives"]
    assert everything(app)["bookings"] == before
    assert ask(api, space, "12:00", "13:00").json["status"] == "pending"


def test_yes(api: Api, owner: User) -> None:
    """Confirmed; who approved and when is told."""
    booking, token = ask(api, house(owner)).json, token_for(owner)
    approved = api.post(f"{BOOKINGS}/{booking['id']}/approve", {"reason": "Welcome."}, token=token)
    assert (approved.status_code, approved.json["status"], approved.json["expires_at"]) == (200, "confirmed", None)
    again = api.post(f"{BOOKINGS}/{booking['id']}/approve", {}, token=token)
    assert (again.status_code, again.json["code"]) == (409, "invalid_transition")
    (_, step) = api.get(f"{BOOKINGS}/{booking['id']}/history", token=token).json["items"]
    assert (step["step"], step["reason"], step["actor_id"]) == ("approve", "Welcome.", owner.id)


def test_no(api: Api, owner: User) -> None:
    """Declined with a reason that its client reads; the time is free at once."""
    space, token = house(owner), token_for(owner)
    booking = ask(api, space).json
    declined = api.post(f"{BOOKINGS}/{booking['id']}/decline", {"reason": "Painters."}, token=token)
    assert (declined.status_code, declined.json["status"]) == (200, "declined")
    (_, step) = api.get(f"{BOOKINGS}/{booking['id']}/history", token=token).json["items"]
    assert (step["step"], step["reason"]) == ("decline", "Painters.")
    assert inbox(api, token) == []
    assert ask(api, space).json["status"] == "pending"


def test_no_answer(api: Api, owner: User) -> None:
    """After 48 hours it has expired: for readers at once, for whoever wants the time too, and then in the table."""
    space = house(owner)
    booking = ask(api, space).json
    assert booking["expires_at"] == "2030-01-09T06:00:00Z"
    with clock.frozen(NOW + timedelta(hours=48)):
        token = token_for(owner)
        assert inbox(api, token) == []
        late = api.post(f"{BOOKINGS}/{booking['id']}/approve", {}, token=token)
        assert (late.status_code, late.json["code"]) == (409, "invalid_transition")
        assert ask(api, space).json["status"] == "pending"
        work_once()
        shown = api.get(f"{BOOKINGS}/{booking['id']}", token=token).json
        assert shown["status"] == "expired"


def test_rivals_and_clients_do_not_decide(api: Api, app: Flask, owner: User) -> None:
    """AZ-04, AZ-05: another owner sees nothing of it, its client may not; nothing changes."""
    space, client = house(owner), make_user()
    wanted = {"space_id": space.id, "starts_at": "2030-01-10T10:00:00Z", "ends_at": "2030-01-10T12:00:00Z"}
    token, rival = token_for(client), token_for(make_user(Role.OWNER))
    booking = api.post(BOOKINGS, wanted, token=token).json
    before = everything(app)
    for action in ("approve", "decline"):
        path = f"{BOOKINGS}/{booking['id']}/{action}"
        assert api.post(path, {}, token=rival).status_code == 404
        assert api.post(path, {}, token=token).status_code == 403
    assert everything(app) == before
