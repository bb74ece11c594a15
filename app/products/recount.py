"""Whether the counters of stock are what the ledger says, and each balance follows from the one before."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.extensions import db
from app.models import Product, StockMovement

Rows = Select[*tuple[Any, ...]]


def find_wrong_counters() -> Iterator[str]:
    """Yield a line for each product whose counters are not the sums of its movements."""
    for product_id, sku, *counters in db.session.execute(_wrong_counters()):
        on_hand, reserved, counted, promised = counters
        yield (
            f"product {product_id} ({sku}) has {on_hand} on hand and {reserved} reserved;"
            f" its movements make {counted} and {promised}"
        )


def find_broken_balances() -> Iterator[str]:
    """Yield a line for each movement that does not follow from the one before it of its product."""
    for movement_id, product_id, *numbers in db.session.execute(_broken_balances()):
        on_hand, reserved, on_hand_due, reserved_due = numbers
        yield (
            f"movement {movement_id} of product {product_id} leaves {on_hand} on hand and {reserved} reserved;"
            f" by the one before it and its change it is {on_hand_due} and {reserved_due}"
        )


def find_untracked() -> Iterator[str]:
    """Yield a line for each movement of a product of which no stock is kept."""
    found = select(StockMovement.id, Product.id).join(Product, Product.id == StockMovement.product_id)
    for movement_id, product_id in db.session.execute(found.where(~Product.tracked).order_by(StockMovement.id)):
        yield f"movement {movement_id} is of product {product_id}, of which no stock is kept"


def _wrong_counters() -> Rows:
    """Select (id, SKU, the two counters, the two sums) of products where they differ."""
    sums = (
        select(
            StockMovement.product_id,
            func.sum(StockMovement.on_hand_change).label("on_hand"),
            func.sum(StockMovement.reserved_change).label("reserved"),
        )
        .group_by(StockMovement.product_id)
        .subquery()
    )
    counted, promised = func.coalesce(sums.c.on_hand, 0), func.coalesce(sums.c.reserved, 0)
    found = select(Product.id, Product.sku, Product.on_hand, Product.reserved, counted, promised)
    differs = or_(Product.on_hand != counted, Product.reserved != promised)
    return found.outerjoin(sums, sums.c.product_id == Product.id).where(differs).order_by(Product.id)


def _broken_balances() -> Rows:
    """Select (id, product, the two balances, the two that follow from the movement before) where they differ."""
    each = select(
        StockMovement.id,
        StockMovement.product_id,
        StockMovement.on_hand_after,
        StockMovement.reserved_after,
        (_before(StockMovement.on_hand_after) + StockMovement.on_hand_change).label("on_hand_due"),
        (_before(StockMovement.reserved_after) + StockMovement.reserved_change).label("reserved_due"),
    ).subquery()
    differs = or_(each.c.on_hand_after != each.c.on_hand_due, each.c.reserved_after != each.c.reserved_due)
    return select(each).where(differs).order_by(each.c.id)


def _before(balance: Any) -> ColumnElement[int]:
    """Return what a balance was after the movement before, of the same product; 0 before the first."""
    return func.lag(balance, 1, 0).over(partition_by=StockMovement.product_id, order_by=StockMovement.id)
