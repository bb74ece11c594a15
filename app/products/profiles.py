"""Products as they are shown."""

from collections.abc import Sequence
from typing import Any

from app.images.service import images_of
from app.images.subjects import Kind
from app.models import Product, ProductKind
from app.products.queries import looks_behind
from app.security.actor import Actor

# fmt: off
SHOWN = (
    "id", "kind", "sku", "name", "description", "price", "tracked", "available", "reorder_level", "active", "version",
    "created_at",
)
# fmt: on
BEHIND = ("cost", "on_hand", "reserved")
"""What staff and admins alone see."""


def profiles(actor: Actor | None, products: Sequence[Product]) -> list[dict[str, Any]]:
    """Return what the actor sees of each, the pictures of all read in one statement."""
    pictures = images_of(Kind.PRODUCT, [product.id for product in products])
    names = (*SHOWN, *BEHIND) if looks_behind(actor) else SHOWN
    return [
        {name: getattr(product, name) for name in names} | _terms(product) | {"images": pictures[product.id]}
        for product in products
    ]


def profile(actor: Actor | None, product: Product) -> dict[str, Any]:
    """Return what the actor sees of one."""
    (shown,) = profiles(actor, [product])
    return shown


def _terms(product: Product) -> dict[str, Any]:
    """Return the heading, and what one has who has bought it."""
    return {
        "category": None if product.category is None else product.category.name,
        "package": product if product.kind is ProductKind.PACKAGE else None,
        "gift_card": product if product.kind is ProductKind.GIFT_CARD else None,
    }
