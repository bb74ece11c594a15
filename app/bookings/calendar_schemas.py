"""The shapes of staff calendars and of the whole house's schedule."""

from app.bookings.schemas import ItemOut
from app.models import BookingStatus
from app.web.fields import CalendarDate, Choice, Id, Instant, ListOf, Nested, Text
from app.web.schemas import QuerySchema, Schema


class DaysQuery(QuerySchema):
    """Some days, both ends included."""

    first = CalendarDate(required=True, data_key="from")
    last = CalendarDate(required=True, data_key="to")


class IntervalOut(Schema):
    """From one instant to another."""

    starts_at = Instant(required=True, metadata={"example": "2026-12-01T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-01T14:00:00Z"})


class AwayOut(IntervalOut):
    """Time in which somebody, or the whole business, is away."""

    id = Id(required=True)
    reason = Text(required=True, metadata={"example": "Dentist."})


class VisitOut(ItemOut):
    """A part of a booking as a calendar shows it."""

    booking_id = Id(required=True)
    reference = Text(required=True, metadata={"example": "BK-7F3K9Q"})
    status = Choice(BookingStatus, required=True, metadata={"example": "confirmed"})
    client_id = Id(required=True, metadata={"example": 2})


class CalendarOut(Schema):
    """One staff member's days."""

    staff_id = Id(required=True)
    staff_name = Text(required=True, metadata={"example": "Jane Njeri"})
    timezone = Text(required=True, metadata={"example": "Africa/Nairobi"})
    hours = ListOf(Nested(IntervalOut), required=True)
    time_off = ListOf(Nested(AwayOut), required=True)
    bookings = ListOf(Nested(VisitOut), required=True, attribute="items")


class ScheduleOut(Schema):
    """Everybody's days."""

    staff = ListOf(Nested(CalendarOut), required=True)
