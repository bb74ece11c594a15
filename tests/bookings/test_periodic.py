"""What time has passed over is found again: deadlines whose task was lost, holds, and bookings nobody concluded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.bookings import periodic
from app.bookings.service.steps import complete_finished
from app.extensions import db
from app.jobs.schedule import enqueue_due
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Allocation, Booking, BookingHistory, BookingStatus, Hold, OutboxEvent, PendingReason, Role, Step
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_booking, make_service, make_staff, make_user, make_working_staff, token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def completing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let AUTO_COMPLETE_HOURS be 2."""
    settings = app.extensions["settings"]
    monkeypatch.setitem(
        app.extensions, "settings", replace(settings, jobs=replace(settings.jobs, auto_complete_hours=2))
    )


def booked(starts_at: datetime, **fields: Any) -> int:
    """Write a booking of an hour."""
    return make_booking(make_user(), make_service(), make_staff(), starts_at, **fields).id


def status_of(booking_id: int) -> BookingStatus:
    """Return what stands in the table."""
    with transaction():
        return db.session.scalars(select(Booking.status).where(Booking.id == booking_id)).one()


def sweep() -> None:
    """Look for everything, and do what was found."""
    for step in (periodic.expire_overdue, periodic.free_lapsed, periodic.complete_long_finished):
        with transaction():
            step()
    work_once()


def test_a_deadline_whose_task_was_lost(app: Flask) -> None:
    """Past it by two minutes, it is expired all the same; others are left alone."""
    waits = {"status": BookingStatus.PENDING, "pending_reason": PendingReason.APPROVAL}
    late, fresh = (booked(NOW + HOUR, expires_at=NOW - minutes * MINUTE, **waits) for minutes in (2, 1))
    sweep()
    assert (status_of(late), status_of(fresh)) == (BookingStatus.EXPIRED, BookingStatus.PENDING)


def test_it_is_looked_for_once(app: Flask) -> None:
    """While a task for it waits, there is no second one."""
    booked(NOW + HOUR, expires_at=NOW - HOUR, status=BookingStatus.PENDING, pending_reason=PendingReason.APPROVAL)
    for _ in range(3):
        with transaction():
            periodic.expire_overdue()
    with transaction():
        assert len(db.session.scalars(select(OutboxEvent)).all()) == 1


def test_a_hold_whose_task_was_lost(api: Api) -> None:
    """Its time is free again; that of a living one stays taken."""
    service = make_service()
    make_working_staff(service)
    wish = {"service_id": service.id, "starts_at": "2030-01-07T12:00:00Z"}
    for starts_at in ("2030-01-07T12:00:00Z", "2030-01-07T14:00:00Z"):
        answer = api.post(
            "/api/bookings/holds", wish | {"starts_at": starts_at}, token=token_for(make_user(Role.CLIENT))
        )
        assert answer.status_code == 201, answer.json
    with transaction():
        db.session.execute(delete(OutboxEvent))
        first = db.session.scalars(select(Hold).order_by(Hold.id)).first()
        assert first is not None
        first.expires_at = NOW - 3 * MINUTE
        for row in db.session.scalars(select(Allocation).where(Allocation.hold_id == first.id)):
            row.expires_at = NOW - 3 * MINUTE
    sweep()
    with transaction():
        assert set(db.session.scalars(select(Allocation.hold_id))) == {first.id + 1}


def test_what_nobody_concluded(completing: None) -> None:
    """Counts as completed two hours after its end; by nobody, as its history says."""
    long_ago, lately = booked(NOW - 3 * HOUR), booked(NOW - 3 * HOUR + MINUTE)
    cancelled = booked(NOW - 9 * HOUR, status=BookingStatus.CANCELLED, cancelled_at=NOW - 10 * HOUR)
    sweep()
    statuses = [status_of(one) for one in (long_ago, lately, cancelled)]
    assert statuses == [BookingStatus.COMPLETED, BookingStatus.CONFIRMED, BookingStatus.CANCELLED]
    with transaction():
        change = db.session.scalars(select(BookingHistory)).one()
    assert (change.booking_id, change.step, change.actor_id) == (long_ago, Step.COMPLETE, None)


def test_what_changed_meanwhile(completing: None) -> None:
    """Somebody said that the client did not come: so it stays."""
    booking_id = booked(NOW - 5 * HOUR)
    with transaction():
        periodic.complete_long_finished()
    with transaction():
        db.session.get_one(Booking, booking_id).status = BookingStatus.NO_SHOW
    work_once()
    assert status_of(booking_id) is BookingStatus.NO_SHOW


def test_without_the_setting(app: Flask) -> None:
    """Bookings wait until somebody says what became of them."""
    booking_id = booked(NOW - 500 * HOUR)
    sweep()
    assert status_of(booking_id) is BookingStatus.CONFIRMED


def test_those_that_fail_keep_nobody_out(completing: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of the oldest cannot be completed: the others are, all of them, batch by batch at once."""
    ids = [booked(NOW - (30 - n) * HOUR) for n in range(7)]
    bad, complete = set(ids[:3]), complete_finished

    def fail_for_some(booking_id: int, before: datetime) -> None:
        if booking_id in bad:
            raise RuntimeError("cannot be completed")
        complete(booking_id, before)

    monkeypatch.setattr(periodic, "complete_finished", fail_for_some)
    monkeypatch.setattr(periodic, "BATCH", 2)
    enqueue_due()
    work_once()
    assert [one for one in ids if status_of(one) is BookingStatus.CONFIRMED] == ids[:3]
