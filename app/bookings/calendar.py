"""Diaries as people read them: hours, time off and bookings of staff over some days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.bookings.service.search import check_days
from app.diary import queries as diary_queries
from app.diary.diaries import load_diaries
from app.diary.openings import wall_seconds
from app.extensions import business, db
from app.kit.clock import utcnow
from app.kit.intervals import Span, meeting, to_instant
from app.models import LIVING, Booking, BookingItem, BookingStatus, Closure, Staff
from app.models.diary import DAY_MINUTES

SHOWN = (*LIVING, BookingStatus.COMPLETED, BookingStatus.NO_SHOW)
"""What was given up, or never came about, is not in a calendar."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From one instant to another."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """One staff member's days."""

    staff_id: int
    staff_name: str
    timezone: str
    hours: list[Interval]
    time_off: list[Closure]
    items: list[BookingItem]


def calendars(staff: Sequence[Staff], first: date, last: date) -> list[Calendar]:
    """Return the calendars of `staff` from `first` to `last`, days of the business's zone, in six statements.

    Raises `Invalid` for a range that is backwards or too long.
    """
    check_days(first, last)
    span = (
        wall_seconds(first, 0, business.timezone),
        wall_seconds(last, DAY_MINUTES, business.timezone),
    )
    diaries = load_diaries({one.id: one.timezone for one in staff}, span, utcnow())
    closures = _closures(staff, span)
    items = _items(staff, span)
    return [
        Calendar(
            one.id,
            one.name,
            one.timezone,
            [Interval(to_instant(start), to_instant(end)) for start, end in meeting(diaries[one.id].open, span)],
            [closure for closure in closures if closure.resource_id in (None, one.id)],
            [item for item in items if item.staff_id == one.id],
        )
        for one in staff
    ]


def _closures(staff: Sequence[Staff], span: Span) -> list[Closure]:
    ids = [one.id for one in staff]
    return list(db.session.scalars(diary_queries.closures_meeting(ids, to_instant(span[0]), to_instant(span[1]))))


def _items(staff: Sequence[Staff], span: Span) -> list[BookingItem]:
    now = utcnow()
    found = db.session.scalars(
        select(BookingItem)
        .join(BookingItem.booking)
        .options(contains_eager(BookingItem.booking))
        .where(
            BookingItem.staff_id.in_([one.id for one in staff]),
            BookingItem.starts_at < to_instant(span[1]),
            BookingItem.ends_at > to_instant(span[0]),
            Booking.status.in_(SHOWN),
        )
        .order_by(BookingItem.starts_at, BookingItem.id)
    )
    return [item for item in found if item.booking.status_at(now) in SHOWN]
