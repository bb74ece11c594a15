"""A booking goes to a colleague at the very moment at which somebody asks for a step of its life."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.bookings.service import locking
from app.extensions import db
from app.kit import clock
from app.models import Allocation, Role, Service, Staff, User
from app.security.actor import Actor
from app.staff.service import deactivate_staff
from tests.api import Api
from tests.factories import make_service, make_user, make_working_staff, token_for
from tests.races.standing import overtaken

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def service(app: Flask) -> Service:
    """A service that wants approval."""
    return make_service(requires_approval=True)


@pytest.fixture
def jane(service: Service) -> Staff:
    """Who leaves."""
    return make_working_staff(service)


@pytest.fixture
def zoe(service: Service) -> Staff:
    """Who takes over."""
    return make_working_staff(service, name="Zoe")


@pytest.fixture
def ada(app: Flask) -> User:
    """A client."""
    return make_user()


@pytest.fixture
def booking(api: Api, service: Service, jane: Staff, zoe: Staff, ada: User) -> dict[str, Any]:
    """Ada's booking with Jane, waiting for approval."""
    body = {"service_id": service.id, "staff_id": jane.id, "starts_at": "2030-01-07T10:00:00Z"}
    found: dict[str, Any] = api.post("/api/bookings", body, token=token_for(ada)).json
    return found


def taken() -> list[int]:
    """Return whose time is taken."""
    found = list(db.session.scalars(select(Allocation.resource_id)))
    db.session.rollback()
    return found


@pytest.mark.parametrize(
    ("action", "status", "left"), [("cancel", "cancelled", 0), ("decline", "declined", 0), ("approve", "confirmed", 1)]
)
def test_a_step_of_a_booking_that_is_being_handed_over(
    app: Flask, booking: dict[str, Any], jane: Staff, zoe: Staff, action: str, status: str, left: int
) -> None:
    """200: the step is taken where the booking is by then."""
    admin, token = make_user(Role.ADMIN), token_for(make_user(Role.STAFF))
    answer = overtaken(
        app,
        lambda: deactivate_staff(Actor(admin.id, Role.ADMIN), jane.id, reassign_to=zoe.id),
        lambda api: api.post(f"/api/bookings/{booking['id']}/{action}", {}, token=token),
    )
    assert answer.status_code == 200, answer.json
    assert (answer.json["status"], answer.json["items"][0]["staff_id"]) == (status, zoe.id)
    assert taken() == [zoe.id] * left


def test_a_booking_that_moves_for_ever(
    api: Api, booking: dict[str, Any], jane: Staff, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 after a few attempts, never a loop; nothing is changed."""
    whereabouts = iter(range(1000))
    monkeypatch.setattr(locking, "resources_of", lambda _booking: [next(whereabouts)])
    answer = api.post(f"/api/bookings/{booking['id']}/cancel", {}, token=token_for(ada))
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "unavailable", "1")
    assert next(whereabouts) < 20
    monkeypatch.undo()
    assert api.get(f"/api/bookings/{booking['id']}", token=token_for(ada)).json == booking
    assert taken() == [jane.id]
