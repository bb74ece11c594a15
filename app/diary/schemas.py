"""The shapes of hours and closures, whoever's diary they are in."""

import re
from typing import Any

from app.models.diary import DAY_MINUTES
from app.web.fields import CalendarDate, Flag, Id, Instant, ListOf, LongText, Nested, Text, Whole
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema
from app.web.text_fields import documented, refuse

LENGTH = len("09:00")
_CLOCK = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")


class ClockTime(Text):
    """A time of the wall clock, "HH:MM"; loads as minutes of the day. 24:00 only where a day may end."""

    def __init__(self, *, ends_day: bool = False, **options: Any) -> None:
        """Say whether 24:00 is allowed."""
        self.latest = DAY_MINUTES if ends_day else DAY_MINUTES - 1
        pattern = f"^(([01][0-9]|2[0-3]):[0-5][0-9]{'|24:00' if ends_day else ''})$"
        super().__init__(max=LENGTH, **documented(options, example="17:00" if ends_day else "09:00", pattern=pattern))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        minutes = int(found[1]) * 60 + int(found[2]) if found else self.latest + 1
        if minutes > self.latest:
            refuse("Must be a time such as 09:00.")
        return minutes

    def dump_value(self, value: Any) -> str:
        """Return minutes of the day as "HH:MM"."""
        return f"{value // 60:02}:{value % 60:02}"


class DayHoursEntry(Schema):
    """Open from, to; `closes` at or before `opens` is past midnight."""

    opens = ClockTime(required=True)
    closes = ClockTime(required=True, ends_day=True)


class WeeklyEntry(DayHoursEntry):
    """Open on a weekday; 0 is Monday."""

    weekday = Whole(required=True, max=6)


class WeeklyHours(Schema):
    """The hours of a week; none on a weekday means closed."""

    hours = ListOf(Nested(WeeklyEntry), required=True)


class DayHoursIn(Schema):
    """The hours of one date; none means closed."""

    hours = ListOf(Nested(DayHoursEntry), required=True)


class DayHoursOut(DayHoursIn):
    """The hours that apply on a date; `replaces` says whether they are its own."""

    replaces = Flag(required=True)


class ClosureIn(Schema):
    """An interval in which somebody is away, or a space is not let."""

    starts_at = Instant(required=True, metadata={"example": "2026-12-24T09:00:00+03:00"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-26T18:00:00+03:00"})
    reason = LongText(max=500, load_default="")
    force = Flag(load_default=False, metadata={"description": "Keep the bookings in it, and report them."})


class ClashOut(Schema):
    """A booking that stays in a closed time."""

    booking_id = Id(required=True)
    reference = Text(required=True, metadata={"example": "BK-7F3K9Q"})
    starts_at = Instant(required=True, metadata={"example": "2026-12-24T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-24T06:45:00Z"})


class ClosureOut(Schema):
    """Time off, or a closure, as it was written."""

    id = Id(required=True)
    starts_at = Instant(required=True, metadata={"example": "2026-12-24T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-26T15:00:00Z"})
    reason = Text(required=True, metadata={"example": "Holidays."})


class NewClosureOut(ClosureOut):
    """A new one, with the bookings that stay in it."""

    clashes = ListOf(Nested(ClashOut), required=True)


class ClosuresQuery(PageArgs):
    """Which days, of the zone of whose diary it is, both included."""

    sort = sort_by("starts_at", default="starts_at")
    first = CalendarDate(load_default=None, data_key="from")
    last = CalendarDate(load_default=None, data_key="to")
