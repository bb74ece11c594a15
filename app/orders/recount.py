"""Whether orders have promised and sold what they list, and come to what their lines make."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from app.extensions import db
from app.models import HANDED_OVER, MovementKind, Order, OrderLine, OrderStatus, Product, StockMovement

Rows = Select[*tuple[Any, ...]]


def find_wrong_promises() -> Iterator[str]:
    """Yield a line for each line of an order of which the ledger has reserved or sold another number."""
    for order_id, product_id, *numbers in db.session.execute(_wrong_promises()):
        due, reserved, sold_due, sold = numbers
        yield (
            f"order {order_id} should have {due} reserved and {sold_due} sold of product {product_id};"
            f" its movements make {reserved} and {sold}"
        )


def find_strange_movements() -> Iterator[str]:
    """Yield a line for each movement of an order in which the product is not."""
    is_listed = exists().where(
        OrderLine.order_id == StockMovement.order_id, OrderLine.product_id == StockMovement.product_id
    )
    found = select(StockMovement.id, StockMovement.order_id, StockMovement.product_id)
    strange = found.where(StockMovement.order_id.is_not(None), ~is_listed).order_by(StockMovement.id)
    for movement_id, order_id, product_id in db.session.execute(strange):
        yield f"movement {movement_id} is of order {order_id}, in which product {product_id} is not"


def find_wrong_totals() -> Iterator[str]:
    """Yield a line for each order whose amounts are not those of its lines."""
    for order_id, amount, tax, lines, lines_tax in db.session.execute(_wrong_totals()):
        yield f"order {order_id} is of {amount}, with {tax} of tax; its lines make {lines}, and {lines_tax}"


def _wrong_promises() -> Rows:
    """Select (order, product, reserved as it should be and is, sold likewise) of lines where they differ."""
    moved = (
        select(
            StockMovement.order_id,
            StockMovement.product_id,
            func.sum(StockMovement.reserved_change).label("reserved"),
            (-_sum_of(MovementKind.SALE)).label("sold"),
        )
        .where(StockMovement.order_id.is_not(None))
        .group_by(StockMovement.order_id, StockMovement.product_id)
        .subquery()
    )
    has_left = Order.fulfilment_status.in_(HANDED_OVER)
    is_kept = and_(Order.status == OrderStatus.OPEN, ~has_left)
    due, sold_due = (case((state, OrderLine.quantity), else_=0) for state in (is_kept, has_left))
    reserved, sold = func.coalesce(moved.c.reserved, 0), func.coalesce(moved.c.sold, 0)
    here = and_(moved.c.order_id == OrderLine.order_id, moved.c.product_id == OrderLine.product_id)
    lines = select(OrderLine.order_id, OrderLine.product_id, due, reserved, sold_due, sold).outerjoin(moved, here)
    tracked = lines.join(Order, Order.id == OrderLine.order_id).join(Product, Product.id == OrderLine.product_id)
    differs = or_(due != reserved, sold_due != sold)
    return tracked.where(Product.tracked, differs).order_by(OrderLine.order_id, OrderLine.position)


def _sum_of(kind: MovementKind) -> ColumnElement[int]:
    return func.coalesce(func.sum(StockMovement.on_hand_change).filter(StockMovement.kind == kind), 0)


def _wrong_totals() -> Rows:
    """Select (id, what the lines should make, the tax, what they make, their tax) of orders where they differ."""
    sums = (
        select(
            OrderLine.order_id,
            func.sum(OrderLine.total_amount).label("total"),
            func.sum(OrderLine.tax_amount).label("tax"),
        )
        .group_by(OrderLine.order_id)
        .subquery()
    )
    amount = case((Order.tax_inclusive, Order.total_amount), else_=Order.subtotal_amount)
    lines, tax = func.coalesce(sums.c.total, 0), func.coalesce(sums.c.tax, 0)
    found = select(Order.id, amount, Order.tax_amount, lines, tax).outerjoin(sums, sums.c.order_id == Order.id)
    return found.where(or_(amount != lines, Order.tax_amount != tax)).order_by(Order.id)
