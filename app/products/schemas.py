"""The shapes of the shop's catalogue."""

from typing import Any

from app.images.schemas import ImageOut
from app.kit.money import LARGEST_AMOUNT
from app.models import LONGEST_SKU, MOST_STOCK, ProductKind
from app.web.fields import (
    Choice,
    Flag,
    Id,
    Instant,
    ListOf,
    LongText,
    MoneyIn,
    MoneyOut,
    Nested,
    QueryFlag,
    QueryWhole,
    Search,
    Text,
    Whole,
)
from app.web.pagination import PageArgs, page_args, sort_by
from app.web.schemas import Schema
from app.web.text_fields import refuse

MOST_VISITS = 1000
MOST_DAYS = 3660
TAKEN_WORDS = frozenset({".", "..", "forecast"})
"""Each is something else in the path of a product's stock."""


class Sku(Text):
    """What a product is called in writing, and in paths: one line without slashes."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(**{"min": 1, "max": LONGEST_SKU, "metadata": {"example": "SHAMPOO-250"}, **options})

    def checked(self, value: str) -> str:
        """Return the SKU, trimmed. Raises `ValidationError`."""
        sku = super().checked(value)
        if "/" in sku or "\\" in sku:
            refuse("Must not contain slashes.")
        if sku.casefold() in TAKEN_WORDS:
            refuse("Is taken by a path; choose another word.")
        return sku


class PackageTermsIn(Schema):
    """What a package holds: so many visits of a service, for so many days from its purchase."""

    service_id = Id(required=True)
    visits = Whole(required=True, min=1, max=MOST_VISITS, metadata={"example": 5})
    valid_days = Whole(required=True, min=1, max=MOST_DAYS, metadata={"example": 365})


class GiftCardTermsIn(Schema):
    """What a gift card holds: its price where no value is given; for ever where no days are."""

    value = MoneyIn(min=1, metadata={"example": {"amount": 500000}})
    valid_days = Whole(min=1, max=MOST_DAYS, allow_none=True, metadata={"example": 730})


class ProductChangesIn(Schema):
    """The fields of a product to change; what is left out stays. Its kind stays too, and whether stock is kept of it.

    How much there is of it is set by `PUT /api/inventory/{sku}/stock`.
    """

    sku = Sku()
    name = Text(min=1, max=200, metadata={"example": "Argan shampoo, 250 ml"})
    description = LongText(max=5000, metadata={"example": "For dry hair. Without silicone."})
    category = Text(
        min=1,
        max=100,
        allow_none=True,
        metadata={"description": "By name; created on first use.", "example": "Hair care"},
    )
    price = MoneyIn(metadata={"example": {"amount": 120000}})
    cost = MoneyIn(allow_none=True, metadata={"description": "What it costs the house.", "example": {"amount": 70000}})
    reorder_level = Whole(max=MOST_STOCK, metadata={"example": 5})
    active = Flag()
    package = Nested(PackageTermsIn, metadata={"description": "Of a package, which has it always."})
    gift_card = Nested(GiftCardTermsIn, metadata={"description": "Of a gift card alone."})


class ProductIn(ProductChangesIn):
    """A new product."""

    kind = Choice(ProductKind, metadata={"description": "`retail` where nothing is said."})
    sku = Sku(required=True)
    name = Text(required=True, min=1, max=200, metadata={"example": "Argan shampoo, 250 ml"})
    price = MoneyIn(required=True, metadata={"example": {"amount": 120000}})
    tracked = Flag(
        metadata={"description": "Whether stock is kept: of goods, if nothing is said. Else there is always enough."}
    )
    on_hand = Whole(max=MOST_STOCK, metadata={"description": "Its first receipt.", "example": 24})


class PackageTermsOut(Schema):
    """What a package holds."""

    service_id = Id(required=True, attribute="package_service_id")
    visits = Whole(required=True, attribute="package_visits", metadata={"example": 5})
    valid_days = Whole(required=True, metadata={"example": 365})


class GiftCardTermsOut(Schema):
    """What a gift card holds."""

    value = MoneyOut(required=True, amount="card_amount", metadata={"example": {"amount": 500000, "currency": "KES"}})
    valid_days = Whole(required=True, allow_none=True, metadata={"example": 730})


class ProductOut(Schema):
    """A product as everybody sees it; `cost`, `on_hand` and `reserved` are for staff and admins."""

    id = Id(required=True)
    kind = Choice(ProductKind, required=True, metadata={"example": "retail"})
    sku = Text(required=True, metadata={"example": "SHAMPOO-250"})
    name = Text(required=True, metadata={"example": "Argan shampoo, 250 ml"})
    description = Text(required=True, max=5000, metadata={"example": "For dry hair. Without silicone."})
    category = Text(required=True, allow_none=True, metadata={"example": "Hair care"})
    price = MoneyOut(required=True, metadata={"example": {"amount": 120000, "currency": "KES"}})
    cost = MoneyOut(allow_none=True, metadata={"example": {"amount": 70000, "currency": "KES"}})
    tracked = Flag(required=True)
    available = Whole(required=True, allow_none=True, metadata={"description": "Null: always enough.", "example": 22})
    on_hand = Whole(metadata={"example": 24})
    reserved = Whole(metadata={"example": 2})
    reorder_level = Whole(required=True, metadata={"example": 5})
    package = Nested(PackageTermsOut, required=True, allow_none=True)
    gift_card = Nested(GiftCardTermsOut, required=True, allow_none=True)
    images = ListOf(Nested(ImageOut), required=True)
    active = Flag(required=True)
    version = Whole(required=True)
    created_at = Instant(required=True)


class ProductsQuery(PageArgs):
    """Which products; prices in minor units."""

    sort = sort_by("name", "price", "created_at", default="name")
    q = Search(load_default=None)
    category = Text(load_default=None)
    price_min = QueryWhole(max=LARGEST_AMOUNT, load_default=None)
    price_max = QueryWhole(max=LARGEST_AMOUNT, load_default=None)
    in_stock = QueryFlag(load_default=None)
    active = QueryFlag(load_default=None)


class ProductCategoryChangesIn(Schema):
    """The fields of a category of products to change."""

    name = Text(min=1, max=100)
    description = LongText(max=1000, metadata={"example": "For afterwards, at home."})
    position = Whole(max=10_000, metadata={"example": 1})


class ProductCategoryIn(ProductCategoryChangesIn):
    """A new category of products; lists show low positions first."""

    name = Text(required=True, min=1, max=100, metadata={"example": "Hair care"})


class ProductCategoryOut(Schema):
    """A heading of the shop."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Hair care"})
    description = Text(required=True, max=1000, metadata={"example": "For afterwards, at home."})
    position = Whole(required=True)


ProductCategoriesQuery = page_args(default="position", keys=("position", "name"))
