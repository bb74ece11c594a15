"""The shapes of what was booked, and of how it stands."""

from marshmallow import fields

from app.reports.revenue_schemas import LatelyOut, RevenueReportOut
from app.web.fields import CalendarDate, Id, ListOf, Nested, Text, Whole, ZoneName
from app.web.schemas import Schema


class StatusCountsOut(Schema):
    """How many bookings have each status."""

    pending = Whole(required=True, metadata={"example": 2})
    confirmed = Whole(required=True, metadata={"example": 9})
    completed = Whole(required=True, metadata={"example": 31})
    cancelled = Whole(required=True, metadata={"example": 4})
    declined = Whole(required=True, metadata={"example": 0})
    expired = Whole(required=True, metadata={"example": 1})
    no_show = Whole(required=True, metadata={"example": 1})


class UtilisationOut(Schema):
    """How much of the time in which somebody worked was booked."""

    staff_id = Id(required=True)
    staff_name = Text(required=True, metadata={"example": "Wanjiku"})
    booked_minutes = Whole(required=True, metadata={"example": 1290, "description": "Of services, without buffers."})
    open_minutes = Whole(
        required=True, metadata={"example": 2400, "description": "Hours without time off; at least what was booked."}
    )
    utilisation = fields.Float(
        required=True, allow_none=True, metadata={"example": 0.538, "description": "Null: had no hours."}
    )


class BookingSummaryOut(Schema):
    """What was booked and earned in a period, by the business's days."""

    first = CalendarDate(required=True, data_key="from")
    last = CalendarDate(required=True, data_key="to")
    timezone = ZoneName(required=True)
    total = Whole(required=True, metadata={"example": 48, "description": "All that begin in the period."})
    bookings = Nested(StatusCountsOut, required=True)
    no_show_rate = fields.Float(
        required=True,
        allow_none=True,
        metadata={"example": 0.031, "description": "Of what is over, by completing or not coming. Null: of nothing."},
    )
    cancellation_rate = fields.Float(
        required=True,
        allow_none=True,
        metadata={"example": 0.089, "description": "Of what was agreed on. Null: of nothing."},
    )
    new_clients = Whole(required=True, metadata={"example": 6, "description": "Who had never been here before."})
    returning_clients = Whole(required=True, metadata={"example": 25})
    utilisation = ListOf(Nested(UtilisationOut), required=True)
    revenue = Nested(RevenueReportOut, required=True)


class UnpaidOut(Schema):
    """What is still to be paid."""

    bookings = Whole(required=True, metadata={"example": 3, "description": "Of the last 30 days, that are over."})
    orders = Whole(required=True, metadata={"example": 1, "description": "Open ones."})


class FailuresOut(Schema):
    """What did not arrive in the last seven days."""

    notifications = Whole(required=True, metadata={"example": 0})
    webhook_deliveries = Whole(required=True, metadata={"example": 2})
    tasks = Whole(required=True, metadata={"example": 0, "description": "Given up, whenever; see /api/jobs."})


class DashboardOut(Schema):
    """How it stands now."""

    today = CalendarDate(required=True)
    timezone = ZoneName(required=True)
    bookings_today = Nested(StatusCountsOut, required=True)
    pending_approvals = Whole(required=True, metadata={"example": 2})
    unpaid = Nested(UnpaidOut, required=True)
    low_stock = Whole(required=True, metadata={"example": 4, "description": "Products; see /api/inventory."})
    revenue = Nested(LatelyOut, required=True)
    failed = Nested(FailuresOut, required=True)
