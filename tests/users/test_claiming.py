"""A client without a login registers: once the address is proved, what was booked is the account's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.kit import clock
from app.models import AuditEntry, Booking, BookingItem, Hold, Role, User
from app.transactions import transaction
from app.users.service.claiming import claim_walk_in
from tests.api import Api
from tests.factories import make_booking, make_service, make_user, make_working_staff, token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
EMAIL = "ann@example.test"


def make_walk_in(**fields: Any) -> User:
    """Write a client without a login, with an address."""
    written: dict[str, Any] = {"has_login": False, "email": EMAIL, "first_name": "Walk"} | fields
    return make_user(**written)


def claim(user: User) -> None:
    """Let an account claim, as when its address has been proved."""
    with transaction():
        claim_walk_in(db.session.get_one(User, user.id, populate_existing=True))


def row(user: User) -> User:
    """Return an account as it is now."""
    now = db.session.get_one(User, user.id, populate_existing=True)
    db.session.commit()
    return now


def test_bookings_and_holds_go_to_the_account(app: Flask, api: Api) -> None:
    """With all that belongs to them; the client is gone, and the log says so."""
    with clock.frozen(NOW):
        service = make_service()
        staff = make_working_staff(service)
        walk_in, account, other = make_walk_in(), make_user(email=EMAIL), make_user()
        first = make_booking(walk_in, service, staff, NOW - HOUR, notes="Short")
        second = make_booking(walk_in, service, staff, NOW + HOUR)
        theirs = make_booking(other, service, staff, NOW + 3 * HOUR)
        with transaction():
            db.session.add(Hold(client_id=walk_in.id, expires_at=NOW + HOUR))
        claim(account)
        booked = api.get("/api/bookings", token=token_for(account)).json["items"]
        assert [one["id"] for one in booked] == [second.id, first.id]
        assert [(one["client_id"], one["version"], one["notes"]) for one in booked] == [
            (account.id, 2, ""),
            (account.id, 2, "Short"),
        ]
        assert api.get(f"/api/bookings/{theirs.id}", token=token_for(other)).json["version"] == 1
    assert db.session.scalars(select(Hold.client_id)).all() == [account.id]
    assert db.session.scalar(select(func.count()).select_from(BookingItem)) == 3
    assert db.session.scalars(select(User.id).where(~User.has_login)).all() == []
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_id, entry.object_id) == ("users.claimed", account.id, account.id)
    assert entry.after == {"client_id": walk_in.id}


@pytest.mark.parametrize(
    ("own", "told", "kept"),
    [
        (None, "+254712345678", "+254712345678"),
        ("+4930123456", "+254712345678", "+4930123456"),
        (None, None, None),
    ],
)
def test_a_phone_number_is_taken_over_where_there_is_none(
    app: Flask, own: str | None, told: str | None, kept: str | None
) -> None:
    """The rest of the profile is what the account says."""
    make_walk_in(phone=told, bio="Written by staff")
    account = make_user(email=EMAIL, phone=own, first_name="Ann")
    claim(account)
    assert (row(account).phone, row(account).first_name, row(account).bio) == (kept, "Ann", "")


@pytest.mark.parametrize("blocked", [True, False])
def test_whoever_was_blocked_stays_blocked(app: Flask, blocked: bool) -> None:
    """Registering is no way around it."""
    make_walk_in(is_blocked=blocked)
    account = make_user(email=EMAIL)
    claim(account)
    assert (row(account).is_blocked, row(account).is_active) == (blocked, True)


def test_nothing_happens_without_such_a_client(app: Flask) -> None:
    """Others keep theirs; an account without an address, or a client without a login, claims nothing."""
    walk_in = make_walk_in()
    nameless = make_walk_in(email=None)
    for claimant in (make_user(email="bob@example.test"), make_user(email=None), walk_in, nameless):
        claim(claimant)
    assert {row(walk_in).email, row(nameless).email} == {EMAIL, None}
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_twice_is_as_good_as_once(app: Flask) -> None:
    """The second time there is nobody left."""
    make_walk_in()
    account = make_user(email=EMAIL)
    for _ in range(2):
        claim(account)
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_a_client_that_was_claimed_cannot_be_booked_for(app: Flask, api: Api) -> None:
    """404 for the old id; the account's does."""
    with clock.frozen(NOW):
        service = make_service()
        make_working_staff(service)
        walk_in, account = make_walk_in(), make_user(email=EMAIL)
        staff = token_for(make_user(Role.STAFF))
        claim(account)
        booking = {"service_id": service.id, "starts_at": "2030-01-07T10:00:00Z"}
        statuses = [
            api.post("/api/bookings", booking | {"client_id": client.id}, token=staff).status_code
            for client in (walk_in, account)
        ]
        assert statuses == [404, 201]
        assert db.session.scalars(select(Booking.client_id)).all() == [account.id]
