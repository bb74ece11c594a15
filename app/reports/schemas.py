"""The shapes of reports."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.web.fields import CalendarDate, Id, ListOf, MoneyOut, Nested, Text, Whole
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import QuerySchema, Schema

MOST_DAYS = 366


class DaysQuery(QuerySchema):
    """Which days, both included."""

    first = CalendarDate(required=True, data_key="from", metadata={"example": "2026-01-01"})
    last = CalendarDate(required=True, data_key="to", metadata={"example": "2026-12-31"})

    @validates_schema(skip_on_field_errors=True)
    def is_a_period(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what is backwards, or longer than a year."""
        days = (data["last"] - data["first"]).days
        if days < 0:
            raise ValidationError("Must not be before from.", "to")
        if days >= MOST_DAYS:
            raise ValidationError(f"At most {MOST_DAYS} days at a time.", "to")


class PeriodQuery(DaysQuery, PageArgs):
    """Which days, both included."""

    sort = sort_by("name", default="name")


class MonthOut(Schema):
    """What came of a space in a month, or in the part of it that was asked for."""

    month = Text(required=True, metadata={"example": "2026-03"})
    bookings = Whole(required=True, metadata={"example": 14, "description": "Confirmed, completed, or not come to."})
    booked_minutes = Whole(required=True, metadata={"example": 2520})
    open_minutes = Whole(
        required=True,
        metadata={"example": 18_600, "description": "Opening hours without closures; at least what was booked."},
    )
    occupancy = fields.Float(
        required=True,
        allow_none=True,
        metadata={"example": 0.135, "description": "Booked by open; null where it was never open."},
    )
    revenue = MoneyOut(required=True, metadata={"example": {"amount": 4_200_000, "currency": "KES"}})


class SpaceReportOut(Schema):
    """A space, month by month."""

    space_id = Id(required=True)
    space_name = Text(required=True, metadata={"example": "Garden room"})
    timezone = Text(required=True, metadata={"example": "Africa/Nairobi"})
    months = ListOf(Nested(MonthOut), required=True)
