"""Somebody is booked for at the very moment at which they are erased, or turn out to be somebody else.

Either the booking is first, and is seen; or it comes too late, and finds nobody. The control asks for no lock, and
shows the booking that nobody sees.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.bookings.service import for_whom as door
from app.extensions import db
from app.models import Booking, Role, Service, User
from app.transactions import transaction
from app.users.service import claiming, erasure
from app.users.service.accounts import get_user
from tests.api import Api
from tests.factories import PASSWORD_HASH, make_service, make_user, make_working_staff, token_for
from tests.races.standing import behind, erase

EMAIL = "ann@example.test"
TEN = (datetime.now(UTC) + timedelta(days=2)).replace(hour=10, minute=0, second=0, microsecond=0)


@pytest.fixture
def service(app: Flask) -> Service:
    """Something to book."""
    made = make_service()
    make_working_staff(made)
    return made


def book(app: Flask, service: Service, client: User, token: str) -> Callable[[], tuple[int, Any]]:
    """Return a function by which staff book for the client; it returns status and code."""
    body = {"service_id": service.id, "client_id": client.id, "starts_at": TEN.isoformat()}

    def ask() -> tuple[int, Any]:
        answer = Api(app.test_client()).post("/api/bookings", body, token=token)
        return answer.status_code, answer.json.get("code")

    return ask


def claim(app: Flask, account: User) -> Callable[[], None]:
    """Return a function by which an account claims what was booked for the client of its address."""

    def act() -> None:
        with app.app_context(), transaction():
            claiming.claim_walk_in(db.session.get_one(User, account.id))

    return act


def clients() -> list[int]:
    """Return for whom there are bookings."""
    found = list(db.session.scalars(select(Booking.client_id)))
    db.session.rollback()
    return found


def test_booking_for_somebody_who_is_just_being_erased(
    app: Flask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The booking waits, and finds nobody."""
    client, staff = make_user(password_hash=PASSWORD_HASH), token_for(make_user(Role.STAFF))
    place = (erasure, "_forget_access")  # behind the look for bookings ahead
    answers = behind(monkeypatch, place, erase(app, token_for(client)), book(app, service, client, staff))
    assert answers == ((204, None), (404, "not_found"))
    assert clients() == []


def test_erasing_somebody_who_is_just_being_booked_for(
    app: Flask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erasure waits, and is told of the booking."""
    client, staff = make_user(password_hash=PASSWORD_HASH), token_for(make_user(Role.STAFF))
    answers = behind(
        monkeypatch,
        (door, "find_visible_client"),
        book(app, service, client, staff),
        erase(app, token_for(client)),
    )
    assert answers == ((201, None), (409, "future_bookings"))
    assert clients() == [client.id]


def test_booking_for_somebody_who_is_just_being_claimed(
    app: Flask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The booking waits, and finds nobody."""
    walk_in, account = make_user(has_login=False, email=EMAIL), make_user(email=EMAIL)
    staff = token_for(make_user(Role.STAFF))
    place = (claiming, "_lock_walk_in")
    _, answer = behind(monkeypatch, place, claim(app, account), book(app, service, walk_in, staff))
    assert (answer, clients()) == ((404, "not_found"), [])


def test_claiming_somebody_who_is_just_being_booked_for(
    app: Flask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim waits, and takes the booking along."""
    walk_in, account = make_user(has_login=False, email=EMAIL), make_user(email=EMAIL)
    staff = token_for(make_user(Role.STAFF))
    place = (door, "find_visible_client")
    answer, _ = behind(monkeypatch, place, book(app, service, walk_in, staff), claim(app, account))
    assert (answer, clients()) == ((201, None), [account.id])


@pytest.mark.databases("postgresql")  # SQLite's writers stand in line from the start
def test_without_the_lock_the_race_is_seen(app: Flask, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: somebody is erased, and yet expected."""
    client, staff = make_user(password_hash=PASSWORD_HASH), token_for(make_user(Role.STAFF))
    monkeypatch.setattr(door, "find_visible_client", get_user)
    answers = behind(
        monkeypatch,
        (door, "find_visible_client"),
        book(app, service, client, staff),
        erase(app, token_for(client)),
    )
    assert answers == ((201, None), (204, None))
    assert clients() == [client.id]
