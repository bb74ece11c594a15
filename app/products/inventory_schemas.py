"""The shapes of stock and its ledger."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from app.models import MOST_STOCK, MovementKind
from app.web.fields import Choice, Flag, Id, Instant, QueryFlag, Search, Text, Whole
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema

LONGEST_REASON = 500
ONE_OF_BOTH = "Send either delta or on_hand."


class StockIn(Schema):
    """A change of what is on hand, or what was counted. More of it for the reason `receipt` is a receipt."""

    delta = Whole(min=-MOST_STOCK, max=MOST_STOCK, metadata={"example": 24})
    on_hand = Whole(max=MOST_STOCK, metadata={"description": "What was counted; a change of it is the delta."})
    reason = Text(required=True, min=1, max=LONGEST_REASON, metadata={"example": "receipt"})

    @validates_schema(skip_on_field_errors=True)
    def one_change(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse neither, both, and a change by nothing."""
        if ("delta" in data) == ("on_hand" in data):
            raise ValidationError({"delta": [ONE_OF_BOTH], "on_hand": [ONE_OF_BOTH]})
        if data.get("delta") == 0:
            raise ValidationError("Must not be 0.", "delta")


class StockOut(Schema):
    """How much there is of a product; nothing is counted of one that is not tracked."""

    product_id = Id(required=True, attribute="id")
    sku = Text(required=True, metadata={"example": "SHAMPOO-250"})
    name = Text(required=True, metadata={"example": "Argan shampoo, 250 ml"})
    tracked = Flag(required=True)
    on_hand = Whole(required=True, metadata={"example": 24})
    reserved = Whole(required=True, metadata={"example": 2})
    available = Whole(required=True, allow_none=True, metadata={"example": 22})
    reorder_level = Whole(required=True, metadata={"example": 5})
    low_stock = Flag(required=True, attribute="is_low")
    active = Flag(required=True)
    version = Whole(required=True)


class StockQuery(PageArgs):
    """Of which products."""

    sort = sort_by("sku", "name", default="sku")
    q = Search(load_default=None)
    low_stock = QueryFlag(load_default=None)


class StockMovementOut(Schema):
    """One change of a product's stock, and what was there after it."""

    id = Id(required=True)
    kind = Choice(MovementKind, required=True, metadata={"example": "receipt"})
    quantity = Whole(
        required=True,
        min=-MOST_STOCK,
        max=MOST_STOCK,
        metadata={"description": "What moved; of a reservation or release, what was promised.", "example": 24},
    )
    on_hand_change = Whole(required=True, min=-MOST_STOCK, max=MOST_STOCK, metadata={"example": 24})
    reserved_change = Whole(required=True, min=-MOST_STOCK, max=MOST_STOCK, metadata={"example": 0})
    on_hand_after = Whole(required=True, metadata={"example": 24})
    reserved_after = Whole(required=True, metadata={"example": 0})
    shortfall = Whole(required=True, metadata={"description": "What was used beyond what was there.", "example": 0})
    reason = Text(required=True, metadata={"example": "receipt"})
    actor_id = Id(required=True, allow_none=True, metadata={"description": "Null: the system."})
    reference = Text(
        required=True, allow_none=True, metadata={"description": "Of its order or booking.", "example": "OR-7F3K9Q"}
    )
    order_id = Id(required=True, allow_none=True)
    booking_id = Id(required=True, allow_none=True)
    created_at = Instant(required=True)


class StockMovementsQuery(PageArgs):
    """Which movements; in the order of the ledger."""

    sort = sort_by("created_at", default="-created_at")
    kind = Choice(MovementKind, load_default=None)
