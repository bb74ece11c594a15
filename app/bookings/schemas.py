"""The shapes of bookings, in and out."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from app.models import BookingKind, BookingStatus, PendingReason, Step
from app.web.fields import (
    CalendarDate,
    Choice,
    Flag,
    Id,
    Instant,
    ListOf,
    LongText,
    MoneyOut,
    Nested,
    QueryId,
    Text,
    Whole,
    ZoneName,
)
from app.web.pagination import page_args
from app.web.schemas import QuerySchema, Schema

MOST_NOTES = 2000
MOST_REASON = 500
MOST_PARTY = 1000


class BookingIn(Schema):
    """A service at an instant; without `staff_id`, whoever is free and has least to do that day."""

    service_id = Id(required=True, metadata={"example": 1})
    staff_id = Id(metadata={"example": 1})
    starts_at = Instant(required=True, metadata={"example": "2026-12-01T09:00:00+03:00"})
    client_id = Id(metadata={"description": "For whom; staff and admins only."})
    for_self = Flag(
        load_default=False, metadata={"description": "Staff and admins booking for themselves.", "example": True}
    )
    party_size = Whole(min=1, max=MOST_PARTY, load_default=1)
    notes = LongText(max=MOST_NOTES, load_default="")


class StepIn(Schema):
    """Why a step is taken."""

    reason = LongText(max=MOST_REASON, load_default="", metadata={"example": "Asked for by phone."})


class CancelIn(StepIn):
    """Why a booking is cancelled, and whether its late fee is waived (staff, owner, admin)."""

    waive_fee = Flag(load_default=False)


class SlotOut(Schema):
    """Time that can be had, from any of these staff members, at this price."""

    starts_at = Instant(required=True, metadata={"example": "2026-12-01T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-01T06:45:00Z"})
    staff_ids = ListOf(Id(), required=True)
    price = MoneyOut(required=True, metadata={"example": {"amount": 150000, "currency": "KES"}})


class AvailabilityQuery(QuerySchema):
    """Which service, with whom, on which days of which zone."""

    service_id = QueryId(required=True)
    staff_id = QueryId(load_default=None)
    first = CalendarDate(required=True, data_key="from")
    last = CalendarDate(required=True, data_key="to", metadata={"description": "Included; at most 62 days."})
    timezone = ZoneName(load_default=None)


class DayOut(Schema):
    """The slots that start on one date."""

    date = CalendarDate(required=True)
    slots = ListOf(Nested(SlotOut), required=True)


class AvailabilityOut(Schema):
    """Days of `timezone`, each with its slots."""

    timezone = Text(required=True, metadata={"example": "Africa/Nairobi"})
    days = ListOf(Nested(DayOut), required=True)


class CheckQuery(QuerySchema):
    """One start of a service."""

    service_id = QueryId(required=True)
    staff_id = QueryId(load_default=None)
    starts_at = Instant(required=True)
    ends_at = Instant(load_default=None, metadata={"description": "The end of the work; may be left out."})

    @validates_schema
    def ends_after_start(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse an interval that is empty or backwards."""
        if data["ends_at"] is not None and data["ends_at"] <= data["starts_at"]:
            raise ValidationError("Must be after starts_at.", "ends_at")


class CheckOut(Schema):
    """Whether it can be had; if not, the reasons by precedence and what is near."""

    available = Flag(required=True, metadata={"example": False})
    reasons = ListOf(Text(), required=True, metadata={"example": ["slot_taken"]})
    alternatives = ListOf(Nested(SlotOut), required=True)


class ItemOut(Schema):
    """One part of a booking."""

    service_id = Id(required=True, allow_none=True, metadata={"example": 1})
    service_name = Text(required=True, allow_none=True, metadata={"example": "Haircut"})
    staff_id = Id(required=True, allow_none=True, metadata={"example": 1})
    staff_name = Text(required=True, allow_none=True, metadata={"example": "Jane Njeri"})
    starts_at = Instant(required=True, metadata={"example": "2026-12-01T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-01T06:45:00Z"})
    price = MoneyOut(required=True, amount="price_amount", metadata={"example": {"amount": 150000, "currency": "KES"}})


class PolicyOut(Schema):
    """What was agreed about cancelling, frozen when the booking was made."""

    cancel_free_until = Instant(required=True, metadata={"example": "2026-11-30T06:00:00Z"})
    late_cancel_fee = MoneyOut(
        required=True, amount="late_cancel_fee_amount", metadata={"example": {"amount": 30000, "currency": "KES"}}
    )
    no_show_fee = MoneyOut(
        required=True, amount="no_show_fee_amount", metadata={"example": {"amount": 30000, "currency": "KES"}}
    )


class CancelledOut(Schema):
    """When, by whom, why, and at what cost a booking was cancelled."""

    at = Instant(required=True, attribute="cancelled_at")
    by = Id(required=True, allow_none=True, attribute="cancelled_by")
    reason = Text(required=True, attribute="cancel_reason")
    fee = MoneyOut(required=True, amount="cancel_fee_amount")


class BookingOut(Schema):
    """A booking as its client, staff and owner see it."""

    id = Id(required=True)
    reference = Text(required=True, metadata={"example": "BK-7F3K9Q"})
    kind = Choice(BookingKind, required=True)
    status = Choice(BookingStatus, required=True, attribute="current_status", metadata={"example": "confirmed"})
    pending_reason = Choice(PendingReason, required=True, allow_none=True, attribute="current_wait")
    expires_at = Instant(required=True, allow_none=True, attribute="current_deadline")
    client_id = Id(required=True, metadata={"example": 2})
    starts_at = Instant(required=True, metadata={"example": "2026-12-01T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-01T06:45:00Z"})
    timezone = Text(required=True, metadata={"example": "Africa/Nairobi"})
    items = ListOf(Nested(ItemOut), required=True)
    space_id = Id(required=True, allow_none=True)
    space_name = Text(required=True, allow_none=True)
    party_size = Whole(required=True, metadata={"example": 1})
    notes = Text(required=True, metadata={"example": "A little shorter than last time."})
    total = MoneyOut(required=True, amount="total_amount", metadata={"example": {"amount": 150000, "currency": "KES"}})
    deposit_due = MoneyOut(required=True, metadata={"example": {"amount": 0, "currency": "KES"}})
    amount_paid = MoneyOut(
        required=True, amount="paid_amount", metadata={"example": {"amount": 30000, "currency": "KES"}}
    )
    balance_due = MoneyOut(required=True, metadata={"example": {"amount": 120000, "currency": "KES"}})
    policy = Nested(PolicyOut, required=True, attribute="terms")
    cancelled = Nested(CancelledOut, required=True, allow_none=True, attribute="cancellation")
    version = Whole(required=True, metadata={"example": 2})
    created_at = Instant(required=True, metadata={"example": "2026-11-21T08:30:00Z"})
    updated_at = Instant(required=True, metadata={"example": "2026-11-21T08:32:00Z"})


class BookingsQuery(page_args(default="-starts_at", keys=("starts_at", "created_at"))):  # type: ignore[misc]
    """Which bookings; dates are days of the business's zone, both included."""

    status = ListOf(
        Choice(BookingStatus),
        load_default=list,
        metadata={"description": "Repeatable: `status=pending&status=confirmed`."},
    )
    first = CalendarDate(load_default=None, data_key="from")
    last = CalendarDate(load_default=None, data_key="to")
    kind = Choice(BookingKind, load_default=None)
    service_id = QueryId(load_default=None)
    staff_id = QueryId(load_default=None)
    space_id = QueryId(load_default=None)
    client_id = QueryId(load_default=None)


HistoryQuery = page_args(default="at", keys=("at",))


class ChangeOut(Schema):
    """One change: when, by whom (null: the system), from what to what, and why."""

    id = Id(required=True)
    at = Instant(required=True, metadata={"example": "2026-11-21T08:30:00Z"})
    actor_id = Id(required=True, allow_none=True, metadata={"example": 2})
    step = Choice(Step, required=True, metadata={"example": "create"})
    from_status = Choice(BookingStatus, required=True, allow_none=True, data_key="from")
    to_status = Choice(BookingStatus, required=True, data_key="to", metadata={"example": "pending"})
    reason = Text(required=True, metadata={"example": ""})


class QuoteOut(Schema):
    """What cancelling costs at this moment."""

    free_until = Instant(required=True, metadata={"example": "2026-11-30T06:00:00Z"})
    fee = MoneyOut(required=True, metadata={"example": {"amount": 0, "currency": "KES"}})
    refund = MoneyOut(required=True, metadata={"example": {"amount": 30000, "currency": "KES"}})


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
