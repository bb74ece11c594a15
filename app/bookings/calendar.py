"""Diaries as people read them: hours, time off and bookings of staff over some days."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from app.bookings import queries
from app.bookings.service.search import check_days
from app.diary import queries as diary_queries
from app.diary.diaries import load_openings
from app.diary.openings import wall_seconds
from app.extensions import business, db
from app.kit.intervals import Span, meeting, to_instant
from app.models import Closure, Staff
from app.models.diary import DAY_MINUTES

Item = Row[*tuple[Any, ...]]
"""A part of a booking: the columns that `queries.items_of_staff` selects."""


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
    items: list[Item]


def calendars(staff: Sequence[Staff], first: date, last: date) -> list[Calendar]:
    """Return the calendars of `staff` from `first` to `last`, days of the business's zone, in three statements.

    Raises `Invalid` for a range that is backwards or too long.
    """
    check_days(first, last)
    span = (
        wall_seconds(first, 0, business.timezone),
        wall_seconds(last, DAY_MINUTES, business.timezone),
    )
    diaries = load_openings({one.id: one.timezone for one in staff}, span)
    closures = _closures(staff, span)
    items = _items(staff, span)
    return [
        Calendar(
            one.id,
            one.name,
            one.timezone,
            [Interval(to_instant(start), to_instant(end)) for start, end in meeting(diaries[one.id].open, span)],
            sorted(closures[one.id] + closures[None], key=lambda closure: (closure.starts_at, closure.id)),
            items[one.id],
        )
        for one in staff
    ]


def _closures(staff: Sequence[Staff], span: Span) -> Mapping[int | None, list[Closure]]:
    """Return the closures of each staff member, in order; under None those of the whole business."""
    found: defaultdict[int | None, list[Closure]] = defaultdict(list)
    ids = [one.id for one in staff]
    for closure in db.session.scalars(diary_queries.closures_meeting(ids, to_instant(span[0]), to_instant(span[1]))):
        found[closure.resource_id].append(closure)
    return found


def _items(staff: Sequence[Staff], span: Span) -> Mapping[int, list[Item]]:
    """Return what each staff member does, in order."""
    found: defaultdict[int, list[Item]] = defaultdict(list)
    ids = [one.id for one in staff]
    for item in db.session.execute(queries.items_of_staff(ids, to_instant(span[0]), to_instant(span[1]))):
        found[item.staff_id].append(item)
    return found
