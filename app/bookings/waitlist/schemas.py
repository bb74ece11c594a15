"""The shapes of the waitlist."""

from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from app.bookings.request import Asked
from app.bookings.waitlist.matching import Window
from app.bookings.waitlist.service import Wanted
from app.bookings.waitlist.status import WaitStatus
from app.diary.schemas import ClockTime
from app.web.fields import CalendarDate, Choice, Flag, Id, Instant, ListOf, Nested, QueryId, Repeated, Text, Whole
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema

MOST_TIMES = 10
WEEK = range(7)


class TimesOfDay(Schema):
    """A part of the day, by the clocks of the entry's zone; 24:00 ends a day."""

    opens = ClockTime(required=True, data_key="from", metadata={"example": "17:00"})
    closes = ClockTime(required=True, data_key="to", ends_day=True, metadata={"example": "20:00"})

    @validates_schema
    def ends_later(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what is backwards, empty, or goes on after midnight."""
        if "opens" in data and "closes" in data and data["closes"] <= data["opens"]:
            raise ValidationError("Must be after from.", "to")


class EntryIn(Schema):
    """A service, and when it would suit: on which dates, weekdays and times of the day.

    Without `staff_id`, whoever performs it. The visit is to begin on one of the days and to lie in one of the times.
    """

    service_id = Id(required=True, metadata={"example": 1})
    staff_id = Id(allow_none=True, load_default=None)
    first = CalendarDate(required=True, data_key="from", metadata={"example": "2026-12-01"})
    last = CalendarDate(
        required=True, data_key="to", metadata={"example": "2026-12-14", "description": "Included; at most 62 days."}
    )
    days = ListOf(
        Whole(max=6),
        min=1,
        max=7,
        load_default=lambda: list(WEEK),
        metadata={"description": "Weekdays, 0 for Monday; left out, all of them.", "example": [0, 1, 2, 3, 4]},
    )
    times = ListOf(
        Nested(TimesOfDay),
        max=MOST_TIMES,
        load_default=list,
        metadata={"description": "Left out, any time of the day."},
    )
    client_id = Id(metadata={"description": "For whom; staff and admins only."})
    for_self = Flag(
        load_default=False, metadata={"description": "Staff and admins waiting themselves.", "example": True}
    )

    @post_load
    def to_wanted(self, data: dict[str, Any], **_kwargs: Any) -> Wanted:
        """Return what is waited for; the zone is found with who performs it."""
        times = [(part["opens"], part["closes"]) for part in data["times"]]
        window = Window(data["first"], data["last"], frozenset(data["days"]), times, "UTC")
        asked = Asked(data["service_id"], data["staff_id"])
        return Wanted(asked, window, data.get("client_id"), data["for_self"])


class OfferOut(Schema):
    """Time that is held for whoever waits; a booking that names `hold_id` accepts it."""

    hold_id = Id(required=True)
    staff_id = Id(required=True, metadata={"example": 1})
    starts_at = Instant(required=True, metadata={"example": "2026-12-01T15:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-01T15:45:00Z"})
    expires_at = Instant(required=True, metadata={"example": "2026-11-21T08:45:00Z"})


class EntryOut(Schema):
    """What somebody waits for, and what they are offered at present."""

    id = Id(required=True)
    client_id = Id(required=True, metadata={"example": 2})
    service_id = Id(required=True, metadata={"example": 1})
    staff_id = Id(required=True, allow_none=True)
    first_day = CalendarDate(required=True, data_key="from", metadata={"example": "2026-12-01"})
    last_day = CalendarDate(required=True, data_key="to", metadata={"example": "2026-12-14"})
    days = ListOf(Whole(max=6), required=True, metadata={"example": [0, 1, 2, 3, 4]})
    times = ListOf(Nested(TimesOfDay), required=True)
    timezone = Text(required=True, metadata={"example": "Africa/Nairobi", "description": "Of the dates and times."})
    status = Choice(WaitStatus, required=True, metadata={"example": "offered"})
    offer = Nested(OfferOut, required=True, allow_none=True)
    booking_id = Id(required=True, allow_none=True)
    created_at = Instant(required=True, metadata={"example": "2026-11-21T08:30:00Z"})


class DeclineIn(Schema):
    """Which offer is declined: left out, the present one."""

    hold_id = Id(
        metadata={
            "example": 1,
            "description": "With it, a request that is sent twice never declines the offer after it.",
        }
    )


class EntriesQuery(PageArgs):
    """Which entries."""

    sort = sort_by("created_at", default="created_at")
    status = Repeated(
        Choice(WaitStatus),
        load_default=list,
        metadata={"description": "Repeatable: `status=waiting&status=offered`."},
    )
    service_id = QueryId(load_default=None)
