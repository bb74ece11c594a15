"""Reading orders, as far as the caller may see."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import joinedload

from app.diary.openings import wall_seconds
from app.extensions import business, db
from app.kit.errors import NotFound
from app.kit.intervals import to_instant
from app.kit.versions import Seen, require_version
from app.models import Channel, FulfilmentStatus, Order, OrderHistory, OrderStatus, PaymentStatus
from app.models.diary import DAY_MINUTES
from app.orders import queries
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Filters:
    """Which orders are wanted; None, or an empty list, means all. Dates are days of the business's zone, included."""

    status: list[OrderStatus] = field(default_factory=list)
    payment_status: list[PaymentStatus] = field(default_factory=list)
    fulfilment_status: list[FulfilmentStatus] = field(default_factory=list)
    channel: Channel | None = None
    first: date | None = None
    last: date | None = None
    client_id: int | None = None


def list_orders(actor: Actor, filters: Filters) -> Select[*tuple[Any, ...]]:
    """Return the select of the orders that the actor may see and that match."""
    return queries.orders(actor).where(*_conditions(filters))


def get_order(actor: Actor, order_id: int) -> Order:
    """Return one order. Raises `NotFound` where there is none or it is not the actor's to see."""
    order = db.session.scalars(queries.orders(actor).where(Order.id == order_id)).one_or_none()
    if order is None:
        raise NotFound
    return order


def lock_order(actor: Actor, order_id: int, seen: Seen = None) -> Order:
    """Return one order as it is now, locked. Raises `NotFound`; `StaleVersion` where it is none of those `seen`."""
    order = lock_any_order(order_id, queries.visible_to(actor))
    require_version(order.version, seen)
    return order


def lock_any_order(order_id: int, *conditions: ColumnElement[bool]) -> Order:
    """Return one order as it is now, locked, whoever it belongs to. Raises `NotFound`, also where it is not so."""
    found = queries.locked(queries.whole().where(Order.id == order_id, *conditions))
    order = db.session.scalars(found).one_or_none()
    if order is None:
        raise NotFound
    return order


def load_order(order_id: int) -> Order | None:
    """Return one order and whose it is, as they are now, for the system itself."""
    found = queries.whole().options(joinedload(Order.client)).where(Order.id == order_id)
    return db.session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def ended_at(order: Order) -> datetime | None:
    """Return when an order was completed or cancelled, or has lapsed; None while it is open.

    One statement, once its end is written down; until then none.
    """
    if order.status is OrderStatus.OPEN:
        return order.expires_at if order.current_status is OrderStatus.EXPIRED else None
    return db.session.scalars(queries.end_of(order.id)).one()


def order_history(actor: Actor, order_id: int) -> Select[OrderHistory]:
    """Return the select of a visible order's changes. Raises `NotFound`."""
    return queries.history_of(get_order(actor, order_id).id)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.status:
        found.append(queries.with_status(filters.status))
    if filters.payment_status:
        found.append(Order.payment_status.in_(filters.payment_status))
    if filters.fulfilment_status:
        found.append(Order.fulfilment_status.in_(filters.fulfilment_status))
    if filters.first is not None:
        found.append(Order.created_at >= to_instant(wall_seconds(filters.first, 0, business.timezone)))
    if filters.last is not None:
        found.append(Order.created_at < to_instant(wall_seconds(filters.last, DAY_MINUTES, business.timezone)))
    plain = ((Order.channel, filters.channel), (Order.client_id, filters.client_id))
    return found + [column == wanted for column, wanted in plain if wanted is not None]
