"""The shapes of what services use up."""

from app.models import LONGEST_SKU, MOST_CONSUMABLES, MOST_CONSUMED
from app.web.fields import Id, ListOf, Nested, Text, Whole
from app.web.schemas import Schema


class ConsumableIn(Schema):
    """So many units of a product each time."""

    sku = Text(required=True, min=1, max=LONGEST_SKU, metadata={"example": "SHAMPOO-1L"})
    quantity = Whole(required=True, min=1, max=MOST_CONSUMED, metadata={"example": 1})


class ConsumableOut(ConsumableIn):
    """The same, with what the product is called."""

    sku = Text(required=True, attribute="product.sku", metadata={"example": "SHAMPOO-1L"})
    product_id = Id(required=True)
    name = Text(required=True, attribute="product.name", metadata={"example": "Salon shampoo, 1 litre"})


class ConsumablesIn(Schema):
    """All that a service uses; an empty list is nothing."""

    items = ListOf(Nested(ConsumableIn), max=MOST_CONSUMABLES, required=True)


class ConsumablesOut(Schema):
    """All that a service uses, by SKU, and the service's version."""

    version = Whole(required=True)
    items = ListOf(Nested(ConsumableOut), max=MOST_CONSUMABLES, required=True)
