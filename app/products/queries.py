"""The selects of the catalogue and of stock, and what changes stock."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    Case,
    ColumnElement,
    Integer,
    Select,
    Update,
    bindparam,
    case,
    insert,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import joinedload

from app.kit.among import among
from app.kit.prepared import PREPARED
from app.kit.search import mentions
from app.models import IS_LOW, IS_OUT, MOST_STOCK, MovementKind, Product, ProductCategory, Role, StockMovement
from app.security.actor import Actor

CATEGORY = joinedload(Product.category)
"""Loads a product together with its category."""

_THERE_IS_SOME = or_(~Product.tracked, Product.on_hand > Product.reserved)


@dataclass(frozen=True, slots=True)
class Filters:
    """What is wanted of the catalogue; None means all, prices are minor units."""

    q: str | None = None
    category: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool | None = None
    active: bool | None = None


def looks_behind(actor: Actor | None) -> bool:
    """Say whether the actor is shown what a product costs the house, its counters, and what is sold no longer."""
    return actor is not None and actor.role in {Role.STAFF, Role.ADMIN}


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """Return which products lists show the actor: those on sale; to staff and admins the retired too."""
    return true() if looks_behind(actor) else Product.active.is_(True)


def products(actor: Actor | None, filters: Filters) -> Select[Product]:
    """Select the products that the actor sees and that match; without a wish as to `active`, those on sale.

    Which category is another question, and answered first: `category_id`.
    """
    active = True if filters.active is None else filters.active
    found = with_category().where(visible_to(actor), Product.active.is_(active))
    if filters.q:
        found = found.where(mentions(filters.q, Product.name, Product.description, Product.sku))
    if filters.price_min is not None:
        found = found.where(Product.price_amount >= filters.price_min)
    if filters.price_max is not None:
        found = found.where(Product.price_amount <= filters.price_max)
    if filters.in_stock is not None:
        # None is said in the words of the index.
        found = found.where(_THERE_IS_SOME if filters.in_stock else text(IS_OUT))
    return found


def category_id(name: str) -> Select[int]:
    """Select the id of the category of a name."""
    return select(ProductCategory.id).where(ProductCategory.name == name)


def with_category() -> Select[Product]:
    """Select products with their category."""
    return select(Product).options(CATEGORY)


def product_kept(key: str) -> Select[Product]:
    """Select the product of a SKU's key, with its category, locked as one is that is about to be changed."""
    return products_kept([key])


def products_kept(keys: Collection[str]) -> Select[Product]:
    """Select the products of these SKUs' keys in the order of their ids, each as `product_kept` does."""
    found = with_category().where(Product.sku_key.in_(keys)).order_by(Product.id)
    return found.with_for_update(key_share=True, of=Product).execution_options(populate_existing=True)


def stock(q: str | None, low_stock: bool | None) -> Select[Product]:
    """Select the products of which stock is kept, retired ones too; `low_stock`: those on sale that have run low."""
    found = select(Product).where(Product.tracked)
    if q:
        found = found.where(mentions(q, Product.name, Product.sku))
    if low_stock is not None:
        # In the words of the index, which both databases compare with these.
        found = found.where(text(IS_LOW if low_stock else f"NOT ({IS_LOW})"))
    return found


def movements(product_id: int, kind: MovementKind | None) -> Select[StockMovement]:
    """Select the movements of a product, with the order or the booking of each."""
    found = select(StockMovement).options(joinedload(StockMovement.order), joinedload(StockMovement.booking))
    found = found.where(StockMovement.product_id == product_id)
    return found if kind is None else found.where(StockMovement.kind == kind)


def categories() -> Select[ProductCategory]:
    """Select the headings."""
    return select(ProductCategory)


def categories_kept(names: Collection[str]) -> Select[ProductCategory]:
    """Select the categories of these names, locked as a reference to each would: nobody removes it meanwhile."""
    return select(ProductCategory).where(ProductCategory.name.in_(names)).with_for_update(read=True, key_share=True)


def all_products() -> Select[Product]:
    """Select everything that is sold or was, with its category, by SKU."""
    return with_category().order_by(Product.sku_key)


_PRODUCTS: Final[Any] = Product.__table__
_AMONG_IDS: Final = among(_PRODUCTS.c.id, "ids")

CALLED: Final = (
    select(Product)
    .where(or_(_AMONG_IDS, among(_PRODUCTS.c.sku_key, "keys")))
    .execution_options(populate_existing=True, **PREPARED)
)
"""Selects products by their `ids` or the `keys` of their SKUs, as they are now.

Made once, as what follows: that takes longer than to have a statement answered.
"""

LOCK: Final[Any] = (
    select(
        *(_PRODUCTS.c[name] for name in ("id", "sku", "active", "price_amount", "tracked")),
        _PRODUCTS.c.on_hand - _PRODUCTS.c.reserved,
    )
    .where(_AMONG_IDS)
    .order_by(_PRODUCTS.c.id)
    .with_for_update(key_share=True)
    .execution_options(**PREPARED)
)
"""Locks the products of these `ids`, in their order, and says how they stand."""

MOVE: Final = insert(StockMovement.__table__)  # type: ignore[arg-type]  # a table
"""Writes movements."""


@lru_cache(maxsize=128)
def counting(number: int) -> Update:
    """Change the counters of so many locked `ids`, by values such as `id_2`, `on_hand_2`, `reserved_2`, and `now`.

    Those are left as they are of which no stock is kept, or whose counters would not stay lawful.
    """
    c = _PRODUCTS.c
    on_hand, reserved = c.on_hand + _each("on_hand", number), c.reserved + _each("reserved", number)
    return (
        update(_PRODUCTS)
        .where(_AMONG_IDS, c.tracked)
        .where(reserved >= 0, reserved <= on_hand, on_hand <= MOST_STOCK)
        .values(on_hand=on_hand, reserved=reserved, version=c.version + 1, updated_at=bindparam("now"))
        .returning(c.id, c.on_hand, c.reserved, c.reorder_level)
        .execution_options(**PREPARED)
    )


def _each(name: str, number: int) -> Case[int]:
    """Return what is added to a counter, of each product its own."""
    products = ((bindparam(f"id_{n}", type_=Integer), bindparam(f"{name}_{n}", type_=Integer)) for n in range(number))
    return case(dict(products), value=_PRODUCTS.c.id)
