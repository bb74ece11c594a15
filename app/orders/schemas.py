"""The shapes of orders, in and out."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, post_load, pre_load, validates_schema

from app.models import (
    LONGEST_SKU,
    MOST_LINES,
    MOST_UNITS,
    Channel,
    Fulfilment,
    FulfilmentStatus,
    OrderStatus,
    OrderStep,
    PaymentStatus,
    ProductKind,
    SaleMethod,
)
from app.orders.basket import Item
from app.orders.errors import TooManyLines
from app.orders.service import Wanted
from app.web.fields import (
    CalendarDate,
    Choice,
    Id,
    Instant,
    ListOf,
    LongText,
    MoneyIn,
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
LONGEST_ADDRESS = 500
MOST_REASON = 500


class ItemIn(Schema):
    """So many units of a product, named by its id or its SKU."""

    product_id = Id(metadata={"example": 1})
    sku = Text(min=1, max=LONGEST_SKU)
    quantity = Whole(min=1, max=MOST_UNITS, required=True, metadata={"example": 2})
    unit_price = MoneyIn(metadata={"description": "What the cart showed; if it is another by now: 409 price_changed."})

    @validates_schema
    def names_one_product(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what names none, or perhaps two."""
        if ("product_id" in data) == ("sku" in data):
            raise ValidationError("Send either product_id or sku.", "product_id")

    @post_load
    def to_item(self, data: dict[str, Any], **_kwargs: Any) -> Item:
        """Return what is asked for."""
        called = data["sku"] if "sku" in data else data["product_id"]
        return Item(called, data["quantity"], data.get("unit_price"))


class ItemsIn(Schema):
    """What is bought: a product that is named twice becomes one line."""

    items = ListOf(Nested(ItemIn), min=1, max=MOST_LINES, required=True)

    @pre_load
    def refuse_too_many_lines(self, data: Mapping[str, Any], **_kwargs: Any) -> Mapping[str, Any]:
        """Refuse a list that is too long before it is read. Raises `TooManyLines`."""
        items = data.get("items")
        if isinstance(items, list) and len(items) > MOST_LINES:
            raise TooManyLines(errors={"items": [f"Must have 1 to {MOST_LINES} entries."]})
        return data


class OrderIn(ItemsIn):
    """What is ordered, for whom, and how it comes to them."""

    client_id = Id(metadata={"description": "For whom: staff and admins only; else, and left out, for yourself."})
    fulfilment = Choice(Fulfilment, load_default=Fulfilment.PICKUP)
    address = LongText(min=1, max=LONGEST_ADDRESS, metadata={"description": "Of a delivery."})
    notes = LongText(max=MOST_NOTES, load_default="")

    @validates_schema
    def has_an_address_to_go_to(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse a delivery to nowhere, and an address where nothing is brought."""
        is_delivery = data["fulfilment"] == Fulfilment.DELIVERY
        if is_delivery and "address" not in data:
            raise ValidationError("A delivery needs an address.", "address")
        if not is_delivery and "address" in data:
            raise ValidationError("What is picked up needs no address.", "address")

    @post_load
    def to_wanted(self, data: dict[str, Any], **_kwargs: Any) -> Wanted:
        """Return what is ordered."""
        return Wanted(**data)


class CancelIn(Schema):
    """Why an order is cancelled."""

    reason = LongText(max=MOST_REASON, load_default="", metadata={"example": "Ordered twice."})


class OrderChangesIn(Schema):
    """How far an order has come."""

    fulfilment_status = Choice(FulfilmentStatus, required=True, metadata={"example": "ready"})


class LineOut(Schema):
    """One line of an order; SKU, name and price are those of when it was sold."""

    product_id = Id(required=True, metadata={"example": 1})
    kind = Choice(ProductKind, required=True)
    sku = Text(required=True, metadata={"example": "OIL-100"})
    name = Text(required=True, metadata={"example": "Argan oil 100 ml"})
    quantity = Whole(required=True, metadata={"example": 2})
    unit_price = MoneyOut(
        required=True, amount="unit_price_amount", metadata={"example": {"amount": 150000, "currency": "KES"}}
    )
    total = MoneyOut(required=True, amount="total_amount", metadata={"example": {"amount": 300000, "currency": "KES"}})


class OrderOut(Schema):
    """An order as its client and the staff see it: its status, its payment and its fulfilment are three things."""

    id = Id(required=True)
    reference = Text(required=True, metadata={"example": "OR-7F3K9Q"})
    channel = Choice(Channel, required=True)
    client_id = Id(
        required=True, allow_none=True, metadata={"example": 2, "description": "Null: a sale to somebody unknown."}
    )
    booking_id = Id(
        required=True, allow_none=True, metadata={"example": None, "description": "The visit at which it was sold."}
    )
    status = Choice(OrderStatus, required=True, attribute="current_status")
    payment_status = Choice(PaymentStatus, required=True)
    fulfilment_status = Choice(FulfilmentStatus, required=True)
    fulfilment = Choice(Fulfilment, required=True)
    address = Text(required=True, allow_none=True)
    notes = Text(required=True, metadata={"example": ""})
    method = Choice(SaleMethod, required=True, allow_none=True, attribute="sale_method")
    expires_at = Instant(
        required=True,
        allow_none=True,
        attribute="current_deadline",
        metadata={"description": "Until when it keeps its goods unpaid; null: they are kept."},
    )
    items = ListOf(Nested(LineOut), required=True, attribute="lines")
    subtotal = MoneyOut(required=True, amount="subtotal_amount")
    tax = MoneyOut(required=True, amount="tax_amount")
    total = MoneyOut(required=True, amount="total_amount", metadata={"example": {"amount": 300000, "currency": "KES"}})
    amount_paid = MoneyOut(required=True, amount="paid_amount")
    invoice_id = Id(
        required=True, allow_none=True, metadata={"example": None, "description": "Null: it is not paid yet."}
    )
    version = Whole(required=True, metadata={"example": 1})
    created_at = Instant(required=True, metadata={"example": "2026-11-21T08:30:00Z"})
    updated_at = Instant(required=True, metadata={"example": "2026-11-21T08:30:00Z"})


class OrdersQuery(PageArgs):
    """Which orders; dates are days of the business's zone, both included."""

    sort = sort_by("created_at", "total", default="-created_at")
    status = Repeated(
        Choice(OrderStatus), load_default=list, metadata={"description": "Repeatable: `status=open&status=completed`."}
    )
    payment_status = Repeated(Choice(PaymentStatus), load_default=list, metadata={"description": "Repeatable."})
    fulfilment_status = Repeated(Choice(FulfilmentStatus), load_default=list, metadata={"description": "Repeatable."})
    channel = Choice(Channel, load_default=None)
    first = CalendarDate(load_default=None, data_key="from")
    last = CalendarDate(load_default=None, data_key="to")
    client_id = QueryId(load_default=None)

    @validates_schema
    def ends_no_earlier(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse a range that is backwards."""
        if data["first"] and data["last"] and data["last"] < data["first"]:
            raise ValidationError("Must not be before from.", "to")


OrderHistoryQuery = page_args(default="at", keys=("at",))


class OrderChangeOut(Schema):
    """One change: when, by whom (null: the system), from what to what, how far it had come by then, and why."""

    id = Id(required=True)
    at = Instant(required=True, metadata={"example": "2026-11-21T08:30:00Z"})
    actor_id = Id(required=True, allow_none=True, metadata={"example": 2})
    step = Choice(OrderStep, required=True)
    from_status = Choice(OrderStatus, required=True, allow_none=True, data_key="from", metadata={"example": None})
    to_status = Choice(OrderStatus, required=True, data_key="to")
    fulfilment_status = Choice(FulfilmentStatus, required=True)
    reason = Text(required=True, metadata={"example": ""})
