"""The shapes of bookings, in and out."""

from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from app.bookings.asking import MOST_PARTY, check_booking, request_of
from app.bookings.request import Request
from app.models import BookingKind, BookingStatus, PendingReason, Step
from app.models.booking import MOST_ITEMS
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
    Repeated,
    Text,
    Whole,
)
from app.web.pagination import PageArgs, page_args, sort_by
from app.web.schemas import Schema

MOST_NOTES = 2000
MOST_REASON = 500


class Target(StrEnum):
    """The statuses to which a step leads."""

    CONFIRMED = BookingStatus.CONFIRMED
    DECLINED = BookingStatus.DECLINED
    CANCELLED = BookingStatus.CANCELLED
    COMPLETED = BookingStatus.COMPLETED
    NO_SHOW = BookingStatus.NO_SHOW


class AskedIn(Schema):
    """One service of a visit; without `staff_id`, whoever is free and has least to do that day."""

    service_id = Id(required=True, metadata={"example": 1})
    staff_id = Id(allow_none=True)


class BookingIn(Schema):
    """A service, several `items` one after the other, or a space from `starts_at` to `ends_at`.

    Without `staff_id`, whoever is free and has least to do that day.
    """

    service_id = Id(metadata={"example": 1})
    staff_id = Id(allow_none=True, metadata={"example": 1})
    items = ListOf(
        Nested(AskedIn),
        min=1,
        max=MOST_ITEMS,
        metadata={"description": f"Up to {MOST_ITEMS} services, in their order."},
    )
    space_id = Id()
    starts_at = Instant(required=True, metadata={"example": "2026-12-01T09:00:00+03:00"})
    ends_at = Instant(metadata={"description": "Of a space; a service takes its time."})
    hold_id = Id(metadata={"description": "Your hold, whose time the booking takes over."})
    client_id = Id(metadata={"description": "For whom: admins only, and staff of services."})
    for_self = Flag(
        load_default=False, metadata={"description": "Whoever may book for others, for themselves.", "example": True}
    )
    party_size = Whole(min=1, max=MOST_PARTY, load_default=1)
    notes = LongText(max=MOST_NOTES, load_default="")

    @validates_schema
    def asks_for_one_thing(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what asks for nothing, or for two kinds of things at once."""
        check_booking(data)

    @post_load
    def to_request(self, data: dict[str, Any], **_kwargs: Any) -> Request:
        """Return what is asked for."""
        return request_of(data)


class HoldIn(BookingIn):
    """What is to be booked in a moment: the same as then."""

    class Meta:
        """A hold takes over no other."""

        exclude = ("hold_id",)


class StepIn(Schema):
    """Why a step is taken, and whether the fee that follows from it is waived."""

    reason = LongText(max=MOST_REASON, load_default="", metadata={"example": "Asked for by phone."})
    waive_fee = Flag(
        load_default=False,
        metadata={"description": "Of cancelling late, and of a no-show: whoever decides may. Other steps have no fee."},
    )


class BookingChangesIn(Schema):
    """Another time, staff member or remark; or the status that a step leads to, alone."""

    starts_at = Instant(metadata={"example": "2026-12-01T11:00:00+03:00"})
    ends_at = Instant(metadata={"description": "Of a space; left out, it stays as long as it was."})
    staff_id = Id()
    notes = LongText(max=MOST_NOTES)
    status = Choice(Target, metadata={"description": "A client: `cancelled` only."})

    @validates_schema
    def status_stands_alone(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse a step and a move at once."""
        if "status" in data and len(data) > 1:
            raise ValidationError("Send it alone.", "status")


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
    series_id = Id(required=True, allow_none=True)
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


class BookingsQuery(PageArgs):
    """Which bookings; dates are days of the business's zone, both included."""

    sort = sort_by("starts_at", "created_at", default="-starts_at")
    status = Repeated(
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

    @validates_schema
    def ends_no_earlier(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse a range that is backwards."""
        if data["first"] and data["last"] and data["last"] < data["first"]:
            raise ValidationError("Must not be before from.", "to")


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
    details = fields.Dict(
        required=True,
        metadata={
            "example": {},
            "description": "Of a move: from, to, the totals; of a lapse: what it waited for; of a fee that was waived:"
            " fee_waived, in minor units.",
        },
    )


class QuoteOut(Schema):
    """What cancelling costs at this moment."""

    free_until = Instant(required=True, metadata={"example": "2026-11-30T06:00:00Z"})
    fee = MoneyOut(required=True, metadata={"example": {"amount": 0, "currency": "KES"}})
    refund = MoneyOut(required=True, metadata={"example": {"amount": 30000, "currency": "KES"}})


class HoldOut(Schema):
    """Time that is kept for a client, and the booking that it is kept for."""

    id = Id(required=True)
    expires_at = Instant(required=True, metadata={"example": "2026-11-21T08:40:00Z"})
    client_id = Id(required=True, metadata={"example": 2})
    kind = Choice(BookingKind, required=True)
    starts_at = Instant(required=True, metadata={"example": "2026-12-01T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-01T06:45:00Z"})
    timezone = Text(required=True, metadata={"example": "Africa/Nairobi"})
    items = ListOf(Nested(ItemOut), required=True)
    space_id = Id(required=True, allow_none=True)
    total = MoneyOut(required=True, metadata={"example": {"amount": 150000, "currency": "KES"}})
