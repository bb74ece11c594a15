"""`GET /api/users/me/export`: all that is kept about somebody, and nothing about anybody else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import AuditEntry, BookingHistory, BookingStatus, Role, Step
from app.transactions import transaction
from tests.api import Api
from tests.conftest import CountStatements
from tests.factories import (
    PASSWORD,
    PASSWORD_HASH,
    make_booking,
    make_service,
    make_staff,
    make_user,
    make_working_staff,
    token_for,
)

PATH = "/api/users/me/export"
NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


def test_a_new_account(api: Api) -> None:
    """One document, to be kept as a file and by nobody in between; that it was asked for is recorded."""
    user = make_user()
    token = token_for(user)
    answer = api.get(PATH, token=token)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="parlour-export.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    own = api.get("/api/users/me", token=token).json
    assert answer.json == {
        "exported_at": "2030-01-07T06:00:00Z",
        "user": own | {"blocked": False, "has_login": True},
        "sessions": [
            {
                "created_at": "2030-01-07T06:00:00Z",
                "last_used_at": "2030-01-07T06:00:00Z",
                "expires_at": "2030-01-14T06:00:00Z",
                "ended_at": None,
                "user_agent": "",
            }
        ],
        "mailed_links": [],
        "audit": [],
        "bookings": [],
        "orders": [],
        "gift_cards": [],
        "packages": [],
        "invoices": [],
        "payments": [],
        "refunds": [],
        "payment_methods": [],
        "waitlist": [],
        "notifications": [],
        "switched_off_notices": [],
        "recommendations": {"wanted": True, "found": []},
        "spaces": [],
        "voice_sessions": [],
        "reviews": [],
        "testimonials": [],
        "staff": None,
    }
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_id, entry.object_id) == ("users.exported", user.id, user.id)


def test_bookings_come_with_items_and_history(api: Api) -> None:
    """As the API shows them, the newest first; nobody else's."""
    client, service = make_user(), make_service(name="Cut")
    staff = make_working_staff(service)
    token = token_for(client)
    old = make_booking(client, service, staff, NOW - HOUR, notes="Short, please")
    new = make_booking(client, service, staff, NOW + HOUR)
    make_booking(make_user(), service, staff, NOW + 3 * HOUR, created_by=client.id)
    with transaction():
        for step in (Step.CREATE, Step.APPROVE):
            change = {"to_status": BookingStatus.CONFIRMED, "reason": "By phone"}
            db.session.add(BookingHistory(booking_id=old.id, actor_id=client.id, step=step, **change))
    booked = api.get(PATH, token=token).json["bookings"]
    for one, kept, steps in zip(booked, (new, old), ([], ["create", "approve"]), strict=True):
        history = one.pop("history")
        assert one == api.get(f"/api/bookings/{kept.id}", token=token).json
        assert one["items"][0]["service_name"] == "Cut"
        assert history == api.get(f"/api/bookings/{kept.id}/history", token=token).json["items"]
        assert [change["step"] for change in history] == steps


def test_a_staff_member_gets_its_profile(api: Api) -> None:
    """With what only admins are shown otherwise."""
    account = make_user(Role.STAFF)
    staff = make_staff(name="Jo", user_id=account.id, email="jo@example.test", bio="Curls")
    make_staff(name="Somebody else")
    shown = api.get(PATH, token=token_for(account)).json["staff"]
    told = [shown[name] for name in ("id", "name", "email", "bio", "user_id")]
    assert told == [staff.id, "Jo", "jo@example.test", "Curls", account.id]


def test_the_log_is_told_without_others(api: Api) -> None:
    """What I did, and from where; what was done to me, not by whom; not how I changed others."""
    admin, client = make_user(Role.ADMIN), make_user()
    by, of = token_for(admin), token_for(client)
    headers = {"X-Request-ID": "r-1"}
    api.patch(f"/api/users/{client.id}", {"blocked": True}, token=by, headers=headers)
    api.get(PATH, token=of, headers=headers)
    blocked, exported = api.get(PATH, token=of).json["audit"]
    changed = {"before": {"blocked": False}, "after": {"blocked": True}, "action": "users.blocked"}
    assert blocked | changed | {"actor_id": None, "address": None, "request_id": ""} == blocked
    mine = {"actor_id": client.id, "address": "127.0.0.1", "request_id": "r-1", "action": "users.exported"}
    assert exported | mine == exported
    (did,) = api.get(PATH, token=by).json["audit"]
    assert did | {"object_id": client.id, "actor_id": admin.id, "before": None, "after": None} == did


def test_mailed_links_are_told_with_the_address_that_waits_for_its_proof(api: Api) -> None:
    """It stands nowhere else; the token itself is nowhere."""
    user = make_user(password_hash=PASSWORD_HASH)
    token = token_for(user)
    for email in ("first@example.test", "New@Example.test"):
        body = {"email": email, "current_password": PASSWORD}
        assert api.patch("/api/users/me", body, token=token).status_code == 200
    times = {"created_at": "2030-01-07T06:00:00Z", "expires_at": "2030-01-08T06:00:00Z"}
    assert api.get(PATH, token=token).json["mailed_links"] == [
        {"purpose": "email_change", "email": "first@example.test", **times, "used_at": "2030-01-07T06:00:00Z"},
        {"purpose": "email_change", "email": "New@example.test", **times, "used_at": None},
    ]
    assert api.get(PATH, token=token_for(make_user())).json["mailed_links"] == []


def test_it_is_for_whoever_is_signed_in(api: Api) -> None:
    assert api.get(PATH).status_code == 401


def fill(user_id: int, size: int) -> None:
    """Give somebody as much of everything as wanted."""
    service = make_service()
    staff = make_working_staff(service)
    client = type("Client", (), {"id": user_id})
    for n in range(size):
        booking = make_booking(client, service, staff, NOW - n * HOUR)  # type: ignore[arg-type]  # its id is all
        with transaction():
            change: dict[str, Any] = {"step": Step.CREATE, "to_status": BookingStatus.CONFIRMED}
            db.session.add(BookingHistory(booking_id=booking.id, **change))


@pytest.mark.parametrize("size", [0, 1, 3, 30])
def test_it_costs_the_same_however_much_there_is(api: Api, count_statements: CountStatements, size: int) -> None:
    """The token, account, sessions, links, log, bookings, items, histories, waitlist, staff profile, spaces, reviews,
    what they are about, testimonials, invoices, payments, refunds, stored cards; and the log's entry."""
    user = make_user()
    token = token_for(user)
    fill(user.id, size)
    with count_statements() as statements:
        answer = api.get(PATH, token=token)
    assert (answer.status_code, len(answer.json["bookings"])) == (200, size)
    assert len(statements) == (28 if size else 27), "\n\n".join(statements)  # no bookings have no items
