"""Reading bookings, as far as the caller may see."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import joinedload

from app.bookings import queries
from app.bookings.service.filters import Filters, conditions
from app.extensions import db
from app.kit.errors import NotFound
from app.models import Booking, BookingHistory
from app.security.actor import Actor


def list_bookings(actor: Actor, filters: Filters) -> Select[*tuple[Any, ...]]:
    """Return the select of the bookings that the actor may see and that match."""
    return queries.bookings(actor).where(*conditions(filters))


def get_booking(actor: Actor, booking_id: int) -> Booking:
    """Return one booking. Raises `NotFound` where there is none or it is not the actor's to see."""
    booking = db.session.scalars(queries.bookings(actor).where(Booking.id == booking_id)).one_or_none()
    if booking is None:
        raise NotFound
    return booking


def owner_of(booking: Booking) -> int | None:
    """Return the id of the owner of the space that is let; None for a service."""
    return booking.space.owner_id if booking.space is not None else None


def in_brief(booking: Booking) -> dict[str, object]:
    """Return what a refusal says of a booking that stands in the way."""
    return {
        "booking_id": booking.id,
        "reference": booking.reference,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
    }


def load_booking(booking_id: int) -> Booking | None:
    """Return one booking for the system itself, whoever it belongs to."""
    return db.session.scalars(queries.whole().where(Booking.id == booking_id)).one_or_none()


def load_booking_with_client(booking_id: int) -> Booking | None:
    """Return one booking and whose it is, as they are now, for the system itself."""
    found = queries.whole().options(joinedload(Booking.client)).where(Booking.id == booking_id)
    return db.session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def booking_history(actor: Actor, booking_id: int) -> Select[BookingHistory]:
    """Return the select of a visible booking's changes. Raises `NotFound`."""
    return queries.history_of(get_booking(actor, booking_id).id)
