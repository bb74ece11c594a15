"""The selects of what is read for one client."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select

from app.models import (
    LIVING,
    Assignment,
    Booking,
    BookingItem,
    BookingStatus,
    CuratedLink,
    Order,
    OrderLine,
    OrderStatus,
    PopularThing,
    Product,
    ProductKind,
    RecommendationModel,
    RecommendationOptOut,
    RecommendedThing,
    Resource,
    Service,
)

REMEMBERED = timedelta(days=730)
"""What was taken longer ago is neither learnt from nor held to have been had."""

MOST_LINKS = 100
"""Curated links that are looked at for one client."""

Rows = Select[*tuple[Any, ...]]


def opted_out(user_id: int) -> Select[datetime]:
    """Select since when somebody wants no recommendations."""
    return select(RecommendationOptOut.created_at).where(RecommendationOptOut.user_id == user_id)


def own(client_id: int) -> Rows:
    """Select (model, recommended thing) of what the newest finished run found; once with nothing, where that is so.

    One statement, so that the run is not removed between the two.
    """
    mine = and_(RecommendedThing.model_id == RecommendationModel.id, RecommendedThing.client_id == client_id)
    found = select(RecommendationModel, RecommendedThing).outerjoin(RecommendedThing, mine)
    return found.where(RecommendationModel.id == _newest()).order_by(RecommendedThing.position)


def popular() -> Select[PopularThing]:
    """Select what many take, says the newest finished run."""
    return select(PopularThing).where(PopularThing.model_id == _newest()).order_by(PopularThing.position)


def services_taken(client_id: int, since: datetime, now: datetime) -> Rows:
    """Select (service, when last) of what a client had since an instant, or has booked ahead."""
    overdue = and_(Booking.status == BookingStatus.PENDING, Booking.expires_at <= now)
    taken = (Booking.status.in_((*LIVING, BookingStatus.COMPLETED)), ~overdue)
    last = select(BookingItem.service_id, func.max(BookingItem.starts_at)).join(BookingItem.booking)
    mine = (Booking.client_id == client_id, Booking.starts_at >= since, BookingItem.service_id.is_not(None))
    return last.where(*mine, *taken).group_by(BookingItem.service_id)


def products_taken(client_id: int, since: datetime, now: datetime) -> Rows:
    """Select (product, when last) of what a client ordered since an instant, paid or not."""
    overdue = and_(Order.expires_at.is_not(None), Order.expires_at <= now)
    taken = (Order.status.in_((OrderStatus.OPEN, OrderStatus.COMPLETED)), ~overdue)
    last = select(OrderLine.product_id, func.max(Order.created_at)).join(Order, Order.id == OrderLine.order_id)
    mine = (Order.client_id == client_id, Order.created_at >= since)
    return last.where(*mine, *taken).group_by(OrderLine.product_id)


def links_from(service_ids: Collection[int], product_ids: Collection[int]) -> Select[CuratedLink]:
    """Select what the business links with any of these and can be had, in its order."""
    with_one = or_(CuratedLink.from_service_id.in_(service_ids), CuratedLink.from_product_id.in_(product_ids))
    service = exists().where(Service.id == CuratedLink.to_service_id, _can_be_booked())
    product = exists().where(Product.id == CuratedLink.to_product_id, _can_be_bought())
    found = select(CuratedLink).where(with_one, or_(service, product))
    return found.order_by(CuratedLink.position, CuratedLink.id).limit(MOST_LINKS)


def services(ids: Collection[int]) -> Rows:
    """Select (service, whether it can be booked): it is not retired, and somebody active performs it."""
    return select(Service, _can_be_booked()).where(Service.id.in_(ids))


def products(ids: Collection[int]) -> Rows:
    """Select (product, whether it can be bought): goods that are not retired, nor sold out."""
    return select(Product, _can_be_bought()).where(Product.id.in_(ids))


def kept_of(client_id: int) -> Select[RecommendedThing]:
    """Select all that is kept for a client, of every run."""
    mine = select(RecommendedThing).where(RecommendedThing.client_id == client_id)
    return mine.order_by(RecommendedThing.model_id, RecommendedThing.position)


def _can_be_booked() -> ColumnElement[bool]:
    performs = and_(Assignment.service_id == Service.id, Resource.active)
    return and_(Service.active, exists().where(performs, Resource.id == Assignment.staff_id))


def _can_be_bought() -> ColumnElement[bool]:
    there = or_(~Product.tracked, Product.on_hand > Product.reserved)
    return and_(Product.active, Product.kind == ProductKind.RETAIL, there)


def _newest() -> ScalarSelect[int]:
    """Return the run that is read."""
    finished = select(func.max(RecommendationModel.id)).where(RecommendationModel.computed_at.is_not(None))
    return finished.scalar_subquery()
