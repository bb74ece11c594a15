"""The shapes of staff."""

import re
from typing import Any

from app.models.diary import DAY_MINUTES
from app.users.fields import Email
from app.web.fields import (
    CalendarDate,
    Flag,
    Id,
    Instant,
    ListOf,
    LongText,
    Nested,
    QueryFlag,
    QueryId,
    Search,
    Text,
    Whole,
    ZoneName,
)
from app.web.pagination import PageArgs, sort_by
from app.web.rating import RatingOut
from app.web.schemas import QuerySchema, Schema
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


class StaffChangesIn(Schema):
    """The fields of a staff member to change; what is left out stays."""

    name = Text(min=1, max=200)
    email = Email(allow_none=True)
    phone = Text(min=1, max=32, allow_none=True)
    user_id = Id(allow_none=True, metadata={"description": "The account that this staff member signs in with."})
    bio = LongText(max=2000, metadata={"example": "Colour, and curls."})
    timezone = ZoneName()
    active = Flag()


class StaffIn(StaffChangesIn):
    """A new staff member; has no hours until they are set."""

    name = Text(required=True, min=1, max=200, metadata={"example": "Jane Njeri"})


class PerformedOut(Schema):
    """A service that somebody performs."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Haircut"})


class StaffOut(Schema):
    """A public profile; the rest is for admins."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Jane Njeri"})
    bio = Text(required=True, metadata={"example": "Colour, and curls."})
    avatar_url = Text(required=True, allow_none=True)
    services = ListOf(Nested(PerformedOut), required=True)
    rating = Nested(RatingOut, required=True)
    email = Text(allow_none=True)
    phone = Text(allow_none=True)
    user_id = Id(allow_none=True)
    timezone = Text()
    active = Flag()
    version = Whole()
    created_at = Instant()


class StaffQuery(PageArgs):
    """Which staff."""

    sort = sort_by("name", "created_at", default="name")
    q = Search(load_default=None)
    service_id = QueryId(load_default=None)
    active = QueryFlag(load_default=None)


class LeaveQuery(QuerySchema):
    """Who takes over what is booked."""

    reassign_to = QueryId(load_default=None)


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


class TimeOffIn(Schema):
    """An interval in which somebody is away."""

    starts_at = Instant(required=True, metadata={"example": "2026-12-24T09:00:00+03:00"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-26T18:00:00+03:00"})
    reason = LongText(max=500, load_default="")
    force = Flag(load_default=False, metadata={"description": "Keep the bookings in it, and report them."})


class ClashOut(Schema):
    """A booking that stays in a time off."""

    booking_id = Id(required=True)
    reference = Text(required=True, metadata={"example": "BK-7F3K9Q"})
    starts_at = Instant(required=True, metadata={"example": "2026-12-24T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-24T06:45:00Z"})


class TimeOffOut(Schema):
    """Time off as it was written."""

    id = Id(required=True)
    starts_at = Instant(required=True, metadata={"example": "2026-12-24T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-26T15:00:00Z"})
    reason = Text(required=True, metadata={"example": "Holidays."})


class NewTimeOffOut(TimeOffOut):
    """New time off, with the bookings that stay in it."""

    clashes = ListOf(Nested(ClashOut), required=True)


class TimeOffQuery(PageArgs):
    """Which days, of the staff member's zone, both included."""

    sort = sort_by("starts_at", default="starts_at")
    first = CalendarDate(load_default=None, data_key="from")
    last = CalendarDate(load_default=None, data_key="to")
