"""The selects of the order room; `visible_to` first of all."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, exists, false, func, or_, select, true
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


def overdue_orders(before: datetime, limit: int) -> Select[int]:
    """Select the ids of orders that keep stock although their time ended before an instant, the longest past first."""
    return select(Order.id).where(Order.expires_at <= before).order_by(Order.expires_at).limit(limit)


def history_of(order_id: int) -> Select[OrderHistory]:
    """Select an order's changes."""
    return select(OrderHistory).where(OrderHistory.order_id == order_id)


def end_of(order_id: int) -> Select[datetime]:
    """Select when an order was given its final status; what has come back later does not count."""
    ended = select(OrderHistory.at).where(OrderHistory.order_id == order_id)
    return ended.where(OrderHistory.to_status != OrderStatus.OPEN).order_by(OrderHistory.id).limit(1)


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


def overdue_lines(product_ids: Collection[int], now: datetime, most: int) -> Select[int, int, int]:
    """Select order, product and units of what overdue orders keep of these products; the `most` oldest orders alone."""
    keeping = exists().where(OrderLine.order_id == Order.id, OrderLine.product_id.in_(product_ids))
    oldest = select(Order.id, Order.expires_at).where(overdue(now), keeping)
    these = oldest.order_by(Order.expires_at, Order.id).limit(most).subquery()
    lines = select(OrderLine.order_id, OrderLine.product_id, OrderLine.quantity)
    kept = lines.join(these, these.c.id == OrderLine.order_id).where(OrderLine.product_id.in_(product_ids))
    return kept.order_by(these.c.expires_at, these.c.id, OrderLine.position)


def still_overdue(order_ids: Collection[int], now: datetime) -> Select[Order]:
    """Select those of these orders that are overdue."""
    return whole().where(overdue(now), Order.id.in_(order_ids))


def outside_of(order_id: int) -> Select[int, int]:
    """Select product and units of what has left the house with an order and has not come back, by the ledger.

    Of what is not tracked the ledger knows nothing.
    """
    outside = select(StockMovement.product_id, cast(-func.sum(StockMovement.on_hand_change), BigInteger))
    of_order = outside.where(
        StockMovement.order_id == order_id, StockMovement.kind.in_((MovementKind.SALE, MovementKind.RETURN))
    )
    return of_order.group_by(StockMovement.product_id)
