"""What can be said in SQL of spaces that are free for a certain time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select

from app.bookings.slots import LAST_SECOND
from app.bookings.wishes.letting import LONGEST
from app.diary import queries as diary_queries
from app.diary.hours import WEEK_MINUTES
from app.extensions import business
from app.kit.intervals import to_seconds
from app.models import DayHours, OpeningRule, Resource, ResourceKind, Space
from app.models.diary import DAY_MINUTES

AROUND = timedelta(days=2)
"""How near to a change of the clocks the wall clock alone does not tell what is open."""

ONE_DAY, ONE_MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Stay:
    """The interval that a space is wanted for, asked at the instant `now`."""

    starts_at: datetime
    ends_at: datetime
    now: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.ends_at - self.starts_at

    @property
    def is_lawful(self) -> bool:
        """Whether any space may be let for it: at whole minutes, not for too long, and before the calendar ends."""
        whole = not any(at.second or at.microsecond for at in (self.starts_at, self.ends_at))
        return whole and self.length.total_seconds() <= LONGEST and to_seconds(self.ends_at) <= LAST_SECOND


def zones_of_spaces() -> Select[str]:
    """Select the time zones in which there are spaces: one look-up in the index for each."""
    zone = Resource.timezone
    of_spaces = Resource.kind == ResourceKind.SPACE
    first = select(func.min(zone).label("zone")).where(of_spaces).cte("zones", recursive=True)
    after = select(func.min(zone)).where(of_spaces, zone > first.c.zone).scalar_subquery()
    zones = first.union_all(select(after).where(first.c.zone.is_not(None)))
    return select(zones.c.zone).where(zones.c.zone.is_not(None))


def may_be_free(wanted: Stay, zones: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition which all spaces meet that can be had, and few others; `zones` are those of all spaces."""
    minutes = wanted.length // ONE_MINUTE
    return and_(
        Space.active,
        Space.min_minutes <= minutes,
        Space.max_minutes >= minutes,
        Space.min_notice_minutes <= (wanted.starts_at - wanted.now) // ONE_MINUTE,
        Space.max_advance_days >= -((wanted.now - wanted.starts_at) // ONE_DAY),
        _may_be_open(wanted, zones),
        ~diary_queries.is_taken(Resource.__table__.c.id, wanted.starts_at, wanted.ends_at, wanted.now),
    )


def _may_be_open(wanted: Stay, zones: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that weekly hours hold both ends, or that they alone do not tell."""
    begin, end = (_wall_minutes(at, zones) for at in (wanted.starts_at, wanted.ends_at - ONE_MINUTE))
    told = [zone for zone in begin if zone in end]
    days = DayHours.date.between(wanted.starts_at.date() - 2 * ONE_DAY, wanted.ends_at.date() + ONE_DAY)
    own_hours = select(DayHours.id).where(DayHours.resource_id == Space.id, days).exists()
    by_hours = and_(_open_at(begin, first=0), _open_at(end, first=1)) if told else false()
    untold = [Resource.timezone.not_in(told)] if len(told) < len(zones) else []
    return or_(by_hours, own_hours, *untold)


def _wall_minutes(at: datetime, zones: Sequence[str]) -> dict[str, int]:
    """Return the minute of the week that the clocks of each zone show, but for those near a change of them."""
    return {zone: minute for zone in zones if (minute := _minute_of_week(at, zone)) is not None}


def _minute_of_week(at: datetime, zone: str) -> int | None:
    wall = at.astimezone(ZoneInfo(zone))
    changes = len({moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in (at - AROUND, at, at + AROUND)}) > 1
    return None if changes else wall.weekday() * DAY_MINUTES + wall.hour * 60 + wall.minute


def _open_at(minutes: Mapping[str, int], *, first: int) -> ColumnElement[bool]:
    """Return the condition that an opening of the week, which is a circle, holds the minute of its space's zone.

    The minute with number `first`, counted from when it opens, and every so many after it are where lettings may begin,
    or end.
    """
    minute = case(minutes, value=Resource.timezone)
    days = {(one - before) % WEEK_MINUTES // DAY_MINUTES for one in minutes.values() for before in (0, DAY_MINUTES)}
    length = OpeningRule.closes - OpeningRule.opens
    until = case((length <= 0, length + DAY_MINUTES), else_=length)
    since = (minute - OpeningRule.weekday * DAY_MINUTES - OpeningRule.opens + WEEK_MINUTES) % WEEK_MINUTES
    on_grid = (since + first) % int(business.slot_minutes) == 0
    of_space = (OpeningRule.resource_id == Space.id, OpeningRule.weekday.in_(sorted(days)))
    return select(OpeningRule.id).where(*of_space, since < until, on_grid).exists()
