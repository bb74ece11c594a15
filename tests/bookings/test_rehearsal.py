"""`?dry_run=true`: all checks, the would-be body, and nothing written."""

from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Role, Service, Staff, User
from app.transactions import after_commit, rehearsing, transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, NOW, at, everything, one, visit
from tests.cases import each_case
from tests.factories import make_service, make_space, make_user, set_hours, token_for

DRY = {"dry_run": "true"}

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def service(app: Flask) -> Service:
    """A service that wants approval: its booking leaves a task."""
    return make_service(requires_approval=True)


def rehearse(api: Api, who: User, body: Any, **query: str) -> Any:
    """Ask for a rehearsal, which must change nothing."""
    token, before = token_for(who), everything()
    answer = api.post(BOOKINGS, body, token=token, query=DRY | query)
    assert everything() == before
    return answer


def test_the_would_be_body(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """200, as the real one, without what only a real one has: id, reference, Location."""
    would_be = rehearse(api, ada, one(service, "10:00", notes="Hi"))
    assert (would_be.status_code, "Location" in would_be.headers) == (200, False)
    assert (would_be.mimetype, would_be.headers["Cache-Control"]) == ("application/json", "no-store")
    real = api.post(BOOKINGS, one(service, "10:00", notes="Hi"), token=token_for(ada))
    assert (real.status_code, would_be.json) == (201, real.json | {"id": None, "reference": None})
    assert real.json["id"] is not None


@each_case(
    ("change", "status", "code"),
    [
        ({"starts_at": at("10:07")}, 409, "not_on_grid"),
        ({"starts_at": at("12:00")}, 409, "slot_taken"),
        ({"staff_id": 2**62}, 404, "not_found"),
        ({"client_id": 2**62}, 404, "not_found"),
        ({"hold_id": 2**62}, 404, "not_found"),
        ({"party_size": 0}, 422, "validation_failed"),
    ],
)
def test_a_refusal_is_the_real_one(
    api: Api, ada: User, service: Service, staff: Staff, change: dict[str, Any], status: int, code: str
) -> None:
    """The same problem, alternatives and all."""
    api.post(BOOKINGS, one(service, "12:00"), token=token_for(ada))
    body = one(service, "10:00") | change
    answer = rehearse(api, ada, body)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    real = api.post(BOOKINGS, body, token=token_for(ada)).json
    assert answer.json | {"request_id": ""} == real | {"request_id": ""}


def test_blocked_and_unspecified(api: Api, service: Service, staff: Staff) -> None:
    """Who may not book may not rehearse either; nor may anybody without a token."""
    blocked = rehearse(api, make_user(is_blocked=True), one(service, "10:00"))
    assert (blocked.status_code, blocked.json["code"]) == (409, "client_blocked")
    assert rehearse(api, make_user(Role.STAFF), one(service, "10:00")).status_code == 422
    assert api.post(BOOKINGS, one(service, "10:00"), query=DRY).status_code == 401


def test_its_task_is_not_left(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Nothing comes up at the would-be deadline."""
    rehearse(api, ada, one(service, "10:00"))
    with clock.frozen(NOW.replace(hour=10)):
        assert work_once() == 0


def test_visits_and_spaces(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """The same for every kind."""
    space = make_space()
    set_hours(space)
    found = rehearse(api, ada, visit("10:00", service, service)).json
    assert [item["starts_at"] for item in found["items"]] == [at("10:00"), at("11:00")]
    found = rehearse(api, ada, {"space_id": space.id, "starts_at": at("10:00"), "ends_at": at("12:00")}).json
    assert (found["id"], found["reference"], found["total"]["amount"]) == (None, None, 200_000)


@each_case("value", ["", "1", "yes", "True", "TRUE"])
def test_neither_yes_nor_no(api: Api, ada: User, service: Service, staff: Staff, value: str) -> None:
    """422, and nothing is booked by mistake."""
    answer = rehearse(api, ada, one(service, "10:00"), dry_run=value)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["dry_run"])


def test_no_is_the_real_thing(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """As if it were left out."""
    answer = api.post(BOOKINGS, one(service, "10:00"), token=token_for(ada), query={"dry_run": "false"})
    assert answer.status_code == 201


def test_promises_are_dropped(app: Flask) -> None:
    """Those made inside; what was promised before is kept, once."""
    kept: list[str] = []
    with transaction():
        after_commit(kept.append, "before")
        with rehearsing():
            after_commit(kept.append, "inside")
        assert kept == []
    assert kept == ["before"]
    db.session.rollback()
