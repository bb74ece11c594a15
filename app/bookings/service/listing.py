"""Bookings as answers show them: rows of columns, read by statements that are made once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from app import lookups
from app.bookings import queries
from app.bookings.queries import BOOKINGS
from app.bookings.service.filters import Filters, conditions
from app.kit.among import among
from app.kit.clock import utcnow
from app.kit.errors import NotFound
from app.kit.prepared import PLAIN, PREPARED
from app.models import Booking, BookingItem, BookingKind, BookingStatus, PendingReason, Resource, Role
from app.security.actor import Actor

ITEMS, RESOURCES = BookingItem.__table__, Resource.__table__


class Part(NamedTuple):
    """A part of a booking."""

    booking_id: int
    service_id: int | None
    service_name: str | None
    staff_id: int | None
    staff_name: str | None
    starts_at: datetime
    ends_at: datetime
    price_amount: int
    currency: str


class Columns(NamedTuple):
    """What is stored of a booking, as far as it is shown or decides what is."""

    id: int
    reference: str
    kind: BookingKind
    status: BookingStatus
    pending_reason: PendingReason | None
    expires_at: datetime | None
    client_id: int
    space_id: int | None
    series_id: int | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    party_size: int
    notes: str
    currency: str
    total_amount: int
    deposit_amount: int
    paid_amount: int
    credited_amount: int
    cancel_free_until: datetime
    late_cancel_fee_amount: int
    no_show_fee_amount: int
    cancelled_at: datetime | None
    cancelled_by: int | None
    cancel_reason: str | None
    cancel_fee_amount: int | None
    version: int
    created_at: datetime
    updated_at: datetime
    space_name: str | None
    items: list[Part]
    current_status: BookingStatus


class Shown(Columns):
    """A booking at one moment; what follows from its columns is worked out as the entity does."""

    __slots__ = ()

    current_wait = Booking.current_wait
    current_deadline = Booking.current_deadline
    terms = Booking.terms
    cancellation = Booking.cancellation
    deposit_due = Booking.deposit_due
    fee_amount = Booking.fee_amount
    balance_due = Booking.balance_due


STORED = tuple(name for name in Columns._fields if name in BOOKINGS.c)
_SPACE_NAME = select(RESOURCES.c.name).where(RESOURCES.c.id == BOOKINGS.c.space_id).scalar_subquery()
_ROWS = select(*(BOOKINGS.c[name] for name in STORED), _SPACE_NAME.label("space_name"))
_WIDTH = len(STORED) + 1
_ITEMS = (
    select(*(ITEMS.c[name] for name in Part._fields))
    .where(among(ITEMS.c.booking_id, "ids"))
    .order_by(ITEMS.c.booking_id, ITEMS.c.position)
    .execution_options(**PREPARED)
)


@cache
def _visible(role: Role) -> Select[*tuple[Any, ...]]:
    """Select what accounts of the role see; `actor_id` is bound to it."""
    return _ROWS.where(queries.visible_by_role(role, bindparam("actor_id"))).execution_options(**PREPARED)


@cache
def _one(role: Role) -> Select[*tuple[Any, ...]]:
    """Select one of those, bound as `booking_id`."""
    return _visible(role).where(BOOKINGS.c.id == bindparam("booking_id"))


def list_rows(actor: Actor, filters: Filters) -> Select[*tuple[Any, ...]]:
    """Return the select of the rows of bookings that the actor, bound as `actor_id`, may see and that match."""
    found = conditions(filters)
    return _visible(actor.role).where(*found).execution_options(**PLAIN) if found else _visible(actor.role)


def read_booking(actor: Actor, booking_id: int) -> Shown:
    """Return what is shown of one booking. Raises `NotFound` where there is none or it is not the actor's to see."""
    found = lookups.row(_one(actor.role), {"actor_id": actor.id, "booking_id": booking_id})
    if found is None:
        raise NotFound
    return show([found])[0]


def show(rows: Sequence[Any]) -> list[Shown]:
    """Return the bookings that the rows are, as they stand at this moment, with their parts."""
    now, items = utcnow(), _items([row.id for row in rows])
    return [Shown._make((*row[:_WIDTH], items.get(row.id, []), Booking.status_at(row, now))) for row in rows]


def _items(ids: Iterable[int]) -> dict[int, list[Part]]:
    """Return the parts of some bookings, in their order, by the booking's id."""
    found: dict[int, list[Part]] = {}
    for row in lookups.rows(_ITEMS, {"ids": ids}):
        found.setdefault(row.booking_id, []).append(Part._make(row))
    return found
