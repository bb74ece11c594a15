"""The shapes of the catalogue."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from app.kit.money import LARGEST_AMOUNT
from app.models import DepositType
from app.models.diary import DAY_MINUTES
from app.web.fields import (
    Choice,
    Flag,
    Id,
    Instant,
    LongText,
    MoneyIn,
    MoneyOut,
    Nested,
    QueryFlag,
    QueryId,
    QueryWhole,
    Search,
    Text,
    Whole,
    Within,
)
from app.web.pagination import PageArgs, page_args, sort_by
from app.web.rating import RatingOfCounts
from app.web.schemas import Schema

LONGEST_MINUTES = 60 * 24 * 366
MOST_DAYS = 3660
WHOLE_PERCENT = 100


class DepositIn(Schema):
    """A deposit rule: `value` is minor units where it is fixed, per cent where it is a percentage."""

    type = Choice(DepositType, required=True)
    value = Whole(required=True, max=LARGEST_AMOUNT)

    @validates_schema(skip_on_field_errors=True)
    def percent_of_the_whole(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse more than everything."""
        if data["type"] is DepositType.PERCENT and data["value"] > WHOLE_PERCENT:
            raise ValidationError("Must be between 0 and 100.", "value")


class ServiceChangesIn(Schema):
    """The fields of a service to change; what is left out stays."""

    name = Text(min=1, max=200)
    description = LongText(max=5000)
    category = Text(min=1, max=100, metadata={"description": "By name; created on first use."})
    duration_minutes = Whole(min=1, max=DAY_MINUTES)
    buffer_before_minutes = Whole(max=DAY_MINUTES)
    buffer_after_minutes = Whole(max=DAY_MINUTES)
    price = MoneyIn(metadata={"example": {"amount": 160000}})
    deposit = Nested(DepositIn)
    requires_approval = Flag()
    min_notice_minutes = Whole(max=LONGEST_MINUTES)
    max_advance_days = Whole(min=1, max=MOST_DAYS)
    cancellation_window_minutes = Whole(max=LONGEST_MINUTES)
    rebook_after_days = Whole(min=1, max=MOST_DAYS, allow_none=True)
    active = Flag()


class ServiceIn(ServiceChangesIn):
    """A new service; times in minutes, horizon in days."""

    name = Text(required=True, min=1, max=200, metadata={"example": "Haircut"})
    category = Text(required=True, min=1, max=100, metadata={"example": "Hair"})
    duration_minutes = Whole(required=True, min=1, max=DAY_MINUTES, metadata={"example": 45})
    price = MoneyIn(required=True, metadata={"example": {"amount": 150000}})


class DepositOut(Schema):
    """A deposit rule."""

    type = Choice(DepositType, required=True, attribute="deposit_type", metadata={"example": "percent"})
    value = Whole(required=True, max=LARGEST_AMOUNT, attribute="deposit_value", metadata={"example": 20})


class ServiceOut(Schema):
    """A service as everybody sees it."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Haircut"})
    description = Text(required=True, max=5000, metadata={"example": "Wash, cut and dry."})
    category = Text(required=True, attribute="category_name", metadata={"example": "Hair"})
    duration_minutes = Whole(required=True, metadata={"example": 45})
    buffer_before_minutes = Whole(required=True, metadata={"example": 0})
    buffer_after_minutes = Whole(required=True, metadata={"example": 10})
    price = MoneyOut(required=True, amount="price_amount", metadata={"example": {"amount": 150000, "currency": "KES"}})
    deposit = Within(DepositOut, required=True)
    requires_approval = Flag(required=True, metadata={"example": False})
    min_notice_minutes = Whole(required=True, metadata={"example": 60})
    max_advance_days = Whole(required=True, metadata={"example": 365})
    cancellation_window_minutes = Whole(required=True, metadata={"example": 1440})
    rebook_after_days = Whole(required=True, allow_none=True, metadata={"example": 42})
    active = Flag(required=True)
    rating = RatingOfCounts(required=True)
    version = Whole(required=True)
    created_at = Instant(required=True)


class ServicesQuery(PageArgs):
    """Which services; prices in minor units."""

    sort = sort_by("name", "price", "created_at", default="name")
    q = Search(load_default=None)
    category = Text(load_default=None)
    price_min = QueryWhole(max=LARGEST_AMOUNT, load_default=None)
    price_max = QueryWhole(max=LARGEST_AMOUNT, load_default=None)
    active = QueryFlag(load_default=None)
    staff_id = QueryId(load_default=None)


class CategoryChangesIn(Schema):
    """The fields of a category to change."""

    name = Text(min=1, max=100)
    description = LongText(max=1000)
    position = Whole(max=10_000, metadata={"example": 1})


class CategoryIn(CategoryChangesIn):
    """A new category; lists show low positions first."""

    name = Text(required=True, min=1, max=100, metadata={"example": "Hair"})


class CategoryOut(Schema):
    """A heading of the catalogue."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Hair"})
    description = Text(required=True, max=1000, metadata={"example": "Cut, colour, care."})
    position = Whole(required=True)


CategoriesQuery = page_args(default="position", keys=("position", "name"))


class AssignmentChangesIn(Schema):
    """An own price or duration; null means the service's."""

    price = MoneyIn(allow_none=True, metadata={"example": {"amount": 175000}})
    duration_minutes = Whole(min=1, max=DAY_MINUTES, allow_none=True)


class AssignmentIn(AssignmentChangesIn):
    """Who performs what."""

    staff_id = Id(required=True, metadata={"example": 1})
    service_id = Id(required=True, metadata={"example": 1})


class AssignmentOut(Schema):
    """Who performs what, at which own price and in which own time, if any."""

    id = Id(required=True)
    staff_id = Id(required=True)
    service_id = Id(required=True)
    price = MoneyOut(required=True, allow_none=True, amount="price_amount")
    duration_minutes = Whole(required=True, allow_none=True)


class AssignmentsQuery(PageArgs):
    """Whose, or of which service."""

    sort = sort_by("created_at", default="created_at")
    staff_id = QueryId(load_default=None)
    service_id = QueryId(load_default=None)
