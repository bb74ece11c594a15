"""The selects of the order room; `visible_to` first of all."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, false, func, or_, select, true
from sqlalchemy.orm import selectinload

from app.kit.clock import utcnow
from app.models import MovementKind, Order, OrderHistory, OrderLine, OrderStatus, Role, StockMovement
from app.security.actor import Actor


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return which orders the actor may see: everybody's own, staff and admins all."""
    own = Order.client_id == actor.id
    visible: dict[Role, ColumnElement[bool]] = {
        Role.ADMIN: true(),
        Role.STAFF: true(),
        Role.OWNER: own,
        Role.CLIENT: own,
    }
    return visible.get(actor.role, false())


def whole() -> Select[Order]:
    """Select orders with all that an answer shows."""
    return select(Order).options(selectinload(Order.lines))


def orders(actor: Actor) -> Select[Order]:
    """Select the actor's orders with all that an answer shows."""
    return whole().where(visible_to(actor))


def locked(found: Select[Order]) -> Select[Order]:
    """Select the same orders as they are now, by id, and lock their rows."""
    these = found.order_by(Order.id).with_for_update(key_share=True, of=Order)
    return these.execution_options(populate_existing=True)


def history_of(order_id: int) -> Select[OrderHistory]:
    """Select an order's changes."""
    return select(OrderHistory).where(OrderHistory.order_id == order_id)


def with_status(statuses: Iterable[OrderStatus]) -> ColumnElement[bool]:
    """Select by status as readers see it: an unpaid order past its time is expired."""
    now = utcnow()
    conditions: list[ColumnElement[bool]] = []
    for status in statuses:
        if status is OrderStatus.EXPIRED:
            conditions.append(or_(Order.status == status, overdue(now)))
        elif status is OrderStatus.OPEN:
            conditions.append(and_(Order.status == status, or_(Order.expires_at.is_(None), Order.expires_at > now)))
        else:
            conditions.append(Order.status == status)
    return or_(false(), *conditions)


def overdue(now: datetime) -> ColumnElement[bool]:
    """Select what keeps stock past its time; the partial index on the time has these alone."""
    return and_(Order.expires_at.is_not(None), Order.expires_at <= now)


def overdue_of(product_ids: Collection[int], now: datetime) -> Select[Order]:
    """Select the overdue orders that keep one of these products."""
    keeping = select(OrderLine.order_id).where(OrderLine.product_id.in_(product_ids))
    return whole().where(overdue(now), Order.id.in_(keeping))


def returned_of(order_id: int) -> Select[int, int]:
    """Select the ids of the products that an order has returned, and how many units of each."""
    returned = select(StockMovement.product_id, cast(func.sum(StockMovement.on_hand_change), BigInteger))
    of_order = returned.where(StockMovement.order_id == order_id, StockMovement.kind == MovementKind.RETURN)
    return of_order.group_by(StockMovement.product_id)
