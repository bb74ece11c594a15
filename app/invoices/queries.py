"""The selects of documents; `visible_to` first of all."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, CompoundSelect, Select, cast, false, func, select, true, union_all
from sqlalchemy.orm import joinedload, selectinload

from app.models import Booking, BookingKind, Invoice, InvoiceKind, Order, Role, Space
from app.security.actor import Actor

SPACES = Space.__table__
"""The table alone, without what a space is as a resource."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents are wanted; None means all. From the instant `first` on, until before `last`."""

    first: datetime | None = None
    last: datetime | None = None
    kind: InvoiceKind | None = None
    booking_id: int | None = None
    order_id: int | None = None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return which documents the actor may see: everybody's own, owners those of their spaces, staff and admins all."""
    visible: dict[Role, ColumnElement[bool]] = {
        Role.ADMIN: true(),
        Role.STAFF: true(),
        Role.OWNER: Invoice.id.in_(_own(actor.id, lets=True)),
        Role.CLIENT: of_client(actor.id),
    }
    return visible.get(actor.role, false())


def of_client(user_id: int) -> ColumnElement[bool]:
    """Return which documents are of what somebody booked or ordered."""
    return Invoice.id.in_(_own(user_id, lets=False))


def _own(user_id: int, *, lets: bool) -> CompoundSelect[int]:
    """Select the ids of the documents of one's bookings, orders, and spaces: each by its index."""
    booked = select(Booking.id).where(Booking.client_id == user_id)
    ordered = select(Order.id).where(Order.client_id == user_id)
    spaces = select(SPACES.c.id).where(SPACES.c.owner_id == user_id)
    # Without the kind PostgreSQL expects bookings that let no space as well, and reads all invoices.
    let = select(Booking.id).where(Booking.space_id.in_(spaces), Booking.kind == BookingKind.SPACE)
    of_bookings = [booked, let] if lets else [booked]
    return union_all(
        select(Invoice.id).where(Invoice.order_id.in_(ordered)),
        *(select(Invoice.id).where(Invoice.booking_id.in_(found)) for found in of_bookings),
    )


def whole() -> Select[Invoice]:
    """Select documents with all that an answer shows."""
    return select(Invoice).options(selectinload(Invoice.lines), joinedload(Invoice.corrects))


def matching(actor: Actor, filters: Filters) -> Select[Invoice]:
    """Select the documents that the actor may see and that match."""
    found = whole().where(visible_to(actor))
    if filters.first is not None:
        found = found.where(Invoice.issued_at >= filters.first)
    if filters.last is not None:
        found = found.where(Invoice.issued_at < filters.last)
    for name in ("kind", "booking_id", "order_id"):
        wanted = getattr(filters, name)
        if wanted is not None:
            found = found.where(getattr(Invoice, name) == wanted)
    return found


def invoice_of(*, booking_id: int | None = None, order_id: int | None = None) -> Select[Invoice]:
    """Select the invoice of a booking or an order."""
    about = Invoice.order_id == order_id if booking_id is None else Invoice.booking_id == booking_id
    return whole().where(about, Invoice.kind == InvoiceKind.INVOICE)


def document_of(refund_id: int) -> Select[Invoice]:
    """Select the credit note or receipt of a refund."""
    return whole().where(Invoice.refund_id == refund_id)


def credited_on(invoice_id: int) -> Select[int]:
    """Select what of an invoice has been taken back."""
    sum_ = func.coalesce(cast(func.sum(Invoice.total_amount), BigInteger), 0)
    return select(sum_).where(Invoice.corrects_id == invoice_id)
