"""Reports, each in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select

from app.diary.diaries import Diary
from app.extensions import business, db
from app.kit.money import Money
from app.models import Space
from app.reports import queries
from app.reports.months import Month, months
from app.reports.open_time import open_minutes, open_times, share
from app.security.actor import Actor

Figures = tuple[int, int, int]
"""Bookings, booked minutes, revenue in minor units."""

NOTHING: Figures = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class MonthReport:
    """What came of a space in a month."""

    month: str
    bookings: int
    booked_minutes: int
    open_minutes: int
    revenue: Money

    @property
    def occupancy(self) -> float | None:
        """Booked by open; None where it was never open."""
        return share(self.booked_minutes, self.open_minutes)


@dataclass(frozen=True, slots=True)
class SpaceReport:
    """A space, month by month."""

    space_id: int
    space_name: str
    timezone: str
    months: list[MonthReport]


def spaces_reported_to(actor: Actor) -> Select[Space]:
    """Return the select of the spaces whose figures the actor may see."""
    return queries.spaces_of(actor)


def space_reports(spaces: Sequence[Space], first: date, last: date) -> list[SpaceReport]:
    """Return what came of each space from `first` to `last`, days of its own zone, in three statements."""
    if not spaces:
        return []
    calendars = {zone: months(first, last, zone) for zone in {space.timezone for space in spaces}}
    figures = _figures(spaces, calendars)
    diaries = _open_times(spaces, calendars)
    return [
        SpaceReport(
            space.id,
            space.name,
            space.timezone,
            [
                _month(month, figures.get((space.id, month.name), NOTHING), diaries[space.id])
                for month in calendars[space.timezone]
            ],
        )
        for space in spaces
    ]


def _month(month: Month, figures: Figures, diary: Diary) -> MonthReport:
    bookings, minutes, revenue = figures
    opened = max(minutes, open_minutes(diary, month.span))  # a closure may have come over what was booked
    return MonthReport(month.name, bookings, minutes, opened, Money(revenue, business.currency))


def _figures(spaces: Sequence[Space], calendars: Mapping[str, list[Month]]) -> dict[tuple[int, str], Figures]:
    all_months = [month for calendar in calendars.values() for month in calendar]
    rows = db.session.execute(queries.lettings([space.id for space in spaces], all_months))
    return {
        (space_id, month): (int(bookings), int(minutes), int(revenue))
        for space_id, month, bookings, minutes, revenue in rows
    }


def _open_times(spaces: Sequence[Space], calendars: Mapping[str, list[Month]]) -> dict[int, Diary]:
    ends = [month.span for calendar in calendars.values() for month in calendar]
    whole = min(begin for begin, _ in ends), max(end for _, end in ends)
    return open_times({space.id: space.timezone for space in spaces}, whole)
