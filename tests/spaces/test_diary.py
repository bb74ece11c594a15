"""A space's hours and closures: kept by its owner, the same parts as a staff member's."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.kit import clock
from app.models import Allocation, Role, Space, User
from tests.access.test_fields import everything
from tests.api import Api
from tests.factories import make_space, make_user, set_hours, token_for
from tests.spaces.desk import SPACES, wrong

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
HOUR = {"starts_at": "2030-01-08T10:00:00Z", "ends_at": "2030-01-08T11:00:00Z"}


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def owner(app: Flask) -> User:
    """Whose the space is."""
    return make_user(Role.OWNER)


@pytest.fixture
def space(owner: User) -> Space:
    """A space without hours."""
    return make_space(owner)


def booked(api: Api, space: Space, **fields: Any) -> Any:
    """Ask for the hour."""
    return api.post("/api/bookings", {"space_id": space.id} | HOUR | fields, token=token_for(make_user()))


def test_hours(api: Api, owner: User, space: Space) -> None:
    """A space is let in its hours; they are replaced as a whole, and read by anybody, in order."""
    path, token = f"{SPACES}/{space.id}/hours", token_for(owner)
    assert api.get(path).json == {"hours": []}
    assert booked(api, space).json["code"] == "outside_opening_hours"
    week = [{"weekday": 5, "opens": "20:00", "closes": "04:00"}, {"weekday": 1, "opens": "09:00", "closes": "24:00"}]
    assert api.put(path, {"hours": week}, token=token).json == {"hours": week[::-1]}
    assert api.get(path).json == {"hours": week[::-1]}
    assert booked(api, space).status_code == 201
    twice = [week[0], {"weekday": 6, "opens": "03:00", "closes": "05:00"}]
    assert wrong(api.put(path, {"hours": twice}, token=token)) == ["hours.1"]
    assert wrong(api.put(path, {"hours": [{"weekday": 7, "opens": "9:00", "closes": "24:30"}]}, token=token)) == [
        "hours.0.closes",
        "hours.0.opens",
        "hours.0.weekday",
    ]
    assert api.get(path).json == {"hours": week[::-1]}


def test_closures(api: Api, owner: User, space: Space) -> None:
    """What is closed is not let; taken back, it is; those of other days are not listed."""
    set_hours(space)
    path, token = f"{SPACES}/{space.id}/closures", token_for(owner)
    made = api.post(path, HOUR | {"reason": "Painters."}, token=token)
    shown = HOUR | {"id": made.json["id"], "reason": "Painters."}
    assert (made.status_code, made.json) == (201, shown | {"clashes": []})
    assert booked(api, space).json["code"] == "slot_taken"
    for query, found in (
        ({}, [shown]),
        ({"from": "2030-01-08", "to": "2030-01-08"}, [shown]),
        ({"from": "2030-01-09"}, []),
        ({"to": "2030-01-07"}, []),
    ):
        assert api.get(path, query=query, token=token).json == {"items": found, "next_cursor": None}
    assert api.delete(f"{path}/{made.json['id']}", token=token).status_code == 204
    assert api.delete(f"{path}/{made.json['id']}", token=token).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Allocation)) == 0
    assert booked(api, space).status_code == 201


def test_closures_over_bookings(api: Api, app: Flask, owner: User, space: Space) -> None:
    """Only by force, which keeps and reports them; the rest of the time is closed."""
    set_hours(space)
    booking = booked(api, space).json
    path, token = f"{SPACES}/{space.id}/closures", token_for(owner)
    day = {"starts_at": "2030-01-08T00:00:00Z", "ends_at": "2030-01-09T00:00:00Z"}
    before = everything(app)
    refused = api.post(path, day, token=token)
    assert (refused.status_code, refused.json["code"]) == (409, "bookings_in_the_way")
    clash = HOUR | {"booking_id": booking["id"], "reference": booking["reference"]}
    assert refused.json["clashes"] == [clash]
    assert everything(app) == before
    assert api.post(path, day | {"force": True}, token=token).json["clashes"] == [clash]
    assert booked(api, space, starts_at=HOUR["ends_at"], ends_at="2030-01-08T12:00:00Z").json["code"] == "slot_taken"


def test_another_spaces_closure(api: Api, owner: User, space: Space) -> None:
    """It is not found below one's own space, nor listed there."""
    other = make_space()
    closure = api.post(f"{SPACES}/{other.id}/closures", HOUR, token=token_for(make_user(Role.ADMIN))).json["id"]
    token = token_for(owner)
    assert api.delete(f"{SPACES}/{space.id}/closures/{closure}", token=token).status_code == 404
    assert api.get(f"{SPACES}/{space.id}/closures", token=token).json["items"] == []
    assert api.get(f"{SPACES}/{other.id}/closures", token=token).status_code == 403
