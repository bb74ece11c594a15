"""The selects of the booking room; `visible_to` first of all."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from app.kit.clock import utcnow
from app.models import (
    LIVING,
    Allocation,
    Assignment,
    Booking,
    BookingHistory,
    BookingItem,
    BookingKind,
    BookingStatus,
    Role,
    Space,
    Staff,
)
from app.security.actor import Actor


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return which bookings the actor may see: everybody's own, staff all of services, owners those of their spaces."""
    own = Booking.client_id == actor.id
    visible: dict[Role, ColumnElement[bool]] = {
        Role.ADMIN: true(),
        Role.STAFF: or_(own, Booking.kind == BookingKind.SERVICE),
        Role.OWNER: or_(own, Booking.space_id.in_(select(Space.id).where(Space.owner_id == actor.id))),
        Role.CLIENT: own,
    }
    return visible.get(actor.role, false())


def bookings(actor: Actor) -> Select[Booking]:
    """Select the actor's bookings with all that an answer shows."""
    shown = selectinload(Booking.items), joinedload(Booking.space)
    return select(Booking).where(visible_to(actor)).options(*shown)


def history_of(booking_id: int) -> Select[BookingHistory]:
    """Select a booking's changes."""
    return select(BookingHistory).where(BookingHistory.booking_id == booking_id)


def with_status(statuses: Iterable[BookingStatus]) -> ColumnElement[bool]:
    """Select by status as readers see it: a pending booking past its time is expired."""
    overdue = and_(Booking.status == BookingStatus.PENDING, Booking.expires_at <= utcnow())
    conditions: list[ColumnElement[bool]] = []
    for status in statuses:
        if status is BookingStatus.EXPIRED:
            conditions.append(or_(Booking.status == status, overdue))
        elif status is BookingStatus.PENDING:
            conditions.append(and_(Booking.status == status, Booking.expires_at > utcnow()))
        else:
            conditions.append(Booking.status == status)
    return or_(false(), *conditions)


def with_item(column: Any, wanted: int) -> ColumnElement[bool]:
    """Select the bookings of which some item has `wanted` in `column`."""
    return Booking.id.in_(select(BookingItem.booking_id).where(column == wanted))


def candidates(service_id: int) -> Select[*tuple[Any, ...]]:
    """Select (staff id, name, zone, active, own price, own duration) of those assigned to a service, by id."""
    return (
        select(
            Staff.id,
            Staff.name,
            Staff.timezone,
            Staff.active,
            Assignment.price_amount,
            Assignment.duration_minutes,
        )
        .join(Assignment, Assignment.staff_id == Staff.id)
        .where(Assignment.service_id == service_id)
        .order_by(Staff.id)
    )


def overdue_on(resource_ids: Collection[int], now: datetime) -> Select[int | None]:
    """Select the ids of pending bookings past their time that still hold time of these resources."""
    return (
        select(Allocation.booking_id)
        .where(
            Allocation.resource_id.in_(resource_ids),
            Allocation.expires_at <= now,
            Allocation.booking_id.is_not(None),
        )
        .distinct()
        .order_by(Allocation.booking_id)
    )


def ahead_of_staff(staff_id: int, now: datetime) -> Select[Booking]:
    """Select the living bookings in which a staff member has work not yet ended."""
    working = select(BookingItem.booking_id).where(BookingItem.staff_id == staff_id, BookingItem.ends_at > now)
    return (
        select(Booking)
        .where(Booking.id.in_(working), Booking.status.in_(LIVING))
        .where(or_(Booking.expires_at.is_(None), Booking.expires_at > now))
        .options(selectinload(Booking.items), joinedload(Booking.space))
        .order_by(Booking.starts_at, Booking.id)
    )
