"""The selects by which the job reads who took what: batches in the order of an index, each going on behind the last."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, select, tuple_

from app.models import (
    Booking,
    BookingItem,
    BookingKind,
    BookingStatus,
    Order,
    OrderLine,
    OrderStatus,
    PaymentStatus,
    Product,
    ProductKind,
    RecommendationOptOut,
    Service,
    User,
)

BATCH = 5_000
"""Visits or orders that are read at once."""


class Period(NamedTuple):
    """From an instant up to another."""

    begin: datetime
    end: datetime


class Place(NamedTuple):
    """How far one has read: the instant and the id of the last row."""

    at: datetime
    id: int


def visits(period: Period, place: Place | None) -> Select[*tuple[Any, ...]]:
    """Select (id, start, client, service) of what clients had: a row for each service, in order of the visits."""
    started = and_(Booking.starts_at >= period.begin, Booking.starts_at < period.end)
    kept = (
        Booking.kind == BookingKind.SERVICE,
        Booking.status == BookingStatus.COMPLETED,
        _may_be_learnt_from(Booking.client_id),
    )
    found = select(Booking.id, Booking.starts_at, Booking.client_id).where(started, *kept)
    if place is not None:
        found = found.where(tuple_(Booking.starts_at, Booking.id) > tuple_(*place))
    batch = found.order_by(Booking.starts_at, Booking.id).limit(BATCH).subquery()
    each = select(batch, BookingItem.service_id).outerjoin(BookingItem, BookingItem.booking_id == batch.c.id)
    return each.order_by(batch.c.starts_at, batch.c.id)


def orders(period: Period, place: Place | None) -> Select[*tuple[Any, ...]]:
    """Select (id, instant, client, product) of what clients bought and kept: a row for each of an order's goods."""
    made = and_(Order.created_at >= period.begin, Order.created_at < period.end)
    paid = Order.payment_status.in_((PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED))
    kept = (Order.status.in_((OrderStatus.OPEN, OrderStatus.COMPLETED)), paid, _may_be_learnt_from(Order.client_id))
    found = select(Order.id, Order.created_at, Order.client_id).where(made, *kept)
    if place is not None:
        found = found.where(tuple_(Order.created_at, Order.id) > tuple_(*place))
    batch = found.order_by(Order.created_at, Order.id).limit(BATCH).subquery()
    goods = and_(OrderLine.order_id == batch.c.id, OrderLine.kind == ProductKind.RETAIL)
    each = select(batch, OrderLine.product_id).outerjoin(OrderLine, goods)
    return each.order_by(batch.c.created_at, batch.c.id)


def wanting(client_ids: list[int]) -> Select[int]:
    """Select those of some clients who are still there and want recommendations; nobody leaves meanwhile."""
    who = (User.id.in_(client_ids), User.erased_at.is_(None), ~_has_opted_out(User.id))
    return select(User.id).where(*who).order_by(User.id).with_for_update(read=True, of=User)


def services() -> Select[int, int | None]:
    """Select (id, days after which the business says one comes again) of the services that are not retired."""
    return select(Service.id, Service.rebook_after_days).where(Service.active)


def products() -> Select[int]:
    """Select the goods that are not retired."""
    return select(Product.id).where(Product.active, Product.kind == ProductKind.RETAIL)


def _may_be_learnt_from(client_id: ColumnElement[Any] | Any) -> ColumnElement[bool]:
    """Say whether a client is known, not erased, and has not opted out."""
    there = exists().where(User.id == client_id, User.erased_at.is_(None))
    return and_(there, ~_has_opted_out(client_id))


def _has_opted_out(client_id: ColumnElement[Any] | Any) -> ColumnElement[bool]:
    return exists().where(RecommendationOptOut.user_id == client_id)
