"""What is shown is what can be had, and nothing else: the list of slots against the verb that books."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bookings import service as bookings
from app.bookings.errors import RANK
from app.bookings.request import Asked, Request
from app.bookings.service import Days, deciding
from app.diary.closures import Absence, add_closure
from app.extensions import db
from app.kit import clock
from app.models import DayHours, Role, Service, Staff
from app.security.actor import Actor
from app.transactions import reading, transaction
from tests.factories import assign, make_service, make_staff, make_user

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def no_alternatives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let refusals look for nothing else: that is what takes their time."""
    monkeypatch.setattr(deciding, "alternatives_to", lambda *_args: [])


hours = st.tuples(st.integers(0, 95), st.integers(1, 40)).map(lambda p: (p[0] * 15, min(p[0] + p[1], 96) * 15))


@settings(max_examples=8)
@given(
    st.tuples(hours, st.sampled_from([20, 60, 75]), st.sampled_from([0, 15]), st.sampled_from([0, 10])),
    st.lists(st.tuples(st.integers(0, 95), st.integers(1, 8)), max_size=2),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]),
)
def test_what_is_listed_and_nothing_else_is_accepted(
    app: Flask, no_alternatives: None, work: tuple[Any, ...], away: list[tuple[int, int]], timezone: str
) -> None:
    """Promise 3, on the database: a listed start is booked, any other one refused."""
    (opens, closes), duration, before, after = work
    service = make_service(duration_minutes=duration, buffer_before_minutes=before, buffer_after_minutes=after)
    staff = make_staff(timezone=timezone)
    with transaction():
        db.session.add(DayHours(resource_id=staff.id, date=date(2030, 3, 10), opens=opens, closes=closes))
        midnight = datetime(2030, 3, 10, tzinfo=UTC)
        for quarter, length in away:
            gone = midnight + timedelta(minutes=15 * quarter)
            absence = Absence(gone, gone + timedelta(minutes=15 * length))
            add_closure(resource_id=staff.id, absence=absence, force=False, actor_id=None)
    assign(staff, service)
    client = make_user()
    with reading():
        days = Days(date(2030, 3, 9), date(2030, 3, 11), timezone)
        listed = bookings.list_slots([Asked(service.id)], days)
    offered = {slot["starts_at"] for day in listed.days for slot in day["slots"]}
    some = sorted(offered)[::3] + sorted(offered)[-1:]
    around = {midnight + timedelta(minutes=n) for n in range(-12 * 60, 36 * 60, 85)}  # on the grid and off it
    for start in sorted(around | set(some)):
        assert accepted(service, staff, Actor(client.id, Role.CLIENT), start) == (start in offered), start


def accepted(service: Service, staff: Staff, actor: Actor, start: datetime) -> bool:
    """Say whether a booking is accepted, and take it back."""
    with transaction():
        attempt = db.session.begin_nested()
        try:
            request = Request(starts_at=start, parts=(Asked(service.id, staff.id),))
            bookings.create_booking(actor=actor, request=request)
        except tuple(RANK):
            return False
        finally:
            attempt.rollback()
        return True
