"""Bookings as answers show them: rows of columns, read by statements that are made once."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, select

from app import lookups
from app.bookings import queries
from app.bookings.queries import BOOKINGS
from app.bookings.service.filters import Filters, conditions
from app.kit.clock import utcnow
from app.kit.errors import NotFound
from app.kit.prepared import PLAIN, PREPARED
from app.models import Booking, BookingItem, BookingKind, BookingStatus, PendingReason, Resource, Role
from app.security.actor import Actor

Rows = Select[*tuple[Any, ...]]
ITEMS, RESOURCES = BookingItem.__table__, Resource.__table__


class Part(NamedTuple):
    """A part of a booking."""

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
_PARTS = tuple(ITEMS.c[name] for name in Part._fields)
_END = _WIDTH + len(_PARTS)
_PRICE = _WIDTH + Part._fields.index("price_amount")
"""Where a row has a part's price: null where the booking has no part."""


@cache
def _visible(role: Role) -> Rows:
    """Select what accounts of the role see; `actor_id` is bound to it.

    Prepared for clients alone: a plan made for any length of a page expects a tenth of all that one sees, and reads
    whole tables for those who see everybody's.
    """
    found = _ROWS.where(queries.visible_by_role(role, bindparam("actor_id")))
    return found.execution_options(**(PREPARED if role is Role.CLIENT else PLAIN))


@cache
def _one(role: Role) -> Rows:
    """Select one of those, bound as `booking_id`, beside its parts."""
    its = ITEMS.c.booking_id == BOOKINGS.c.id
    one = _visible(role).where(BOOKINGS.c.id == bindparam("booking_id")).outerjoin_from(BOOKINGS, ITEMS, its)
    return one.add_columns(*_PARTS).order_by(ITEMS.c.position).execution_options(**PREPARED)


def list_rows(actor: Actor, filters: Filters) -> Rows:
    """Return the select of the rows of bookings that the actor, bound as `actor_id`, may see and that match."""
    found = conditions(filters)
    return _visible(actor.role).where(*found).execution_options(**PLAIN) if found else _visible(actor.role)


def common_column(actor: Actor, filters: Filters) -> ColumnElement[int] | None:
    """Return the column in which all those rows are equal, and with which the index begins that has their order.

    None where they are of more than one client.
    """
    is_one_client = actor.role is Role.CLIENT or filters.client_id is not None
    return BOOKINGS.c.client_id if is_one_client else None


def join_parts(page: Rows, directed: Callable[..., list[ColumnElement[Any]]]) -> Rows:
    """Return the select of a page's rows, as `show` takes them: each beside its parts, one after the other.

    The last two columns of the page are its order, as `directed` says; they stay the last two.
    """
    bookings = page.subquery("page")
    *own, value, key = bookings.c
    joined = select(*own, *_PARTS, value, key).join_from(bookings, ITEMS, ITEMS.c.booking_id == key, isouter=True)
    return joined.order_by(*directed(value, key), ITEMS.c.position).execution_options(**page.get_execution_options())


def read_booking(actor: Actor, booking_id: int) -> Shown:
    """Return what is shown of one booking. Raises `NotFound` where there is none or it is not the actor's to see."""
    found = lookups.rows(_one(actor.role), {"actor_id": actor.id, "booking_id": booking_id})
    if not found:
        raise NotFound
    return show([found])[0]


def show(bookings: Iterable[Sequence[Any]]) -> list[Shown]:
    """Return bookings, of each of which the joined rows are given, as they stand at this moment."""
    now = utcnow()
    return [_shown(rows, now) for rows in bookings]


def _shown(rows: Sequence[Any], now: datetime) -> Shown:
    first = rows[0]
    parts = [Part._make(row[_WIDTH:_END]) for row in rows if row[_PRICE] is not None]
    return Shown._make((*first[:_WIDTH], parts, Booking.status_at(first, now)))
