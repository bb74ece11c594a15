"""Bookings that races begin with, their time taken as the application takes it; and what became of them."""

from datetime import datetime

from sqlalchemy import select

from app.bookings.request import Asked, Request
from app.bookings.service import create_booking
from app.extensions import db
from app.models import Allocation, Booking, BookingHistory, Service, Staff, Step
from app.transactions import reading, transaction
from tests.races.callers import Caller


def booked(client: Caller, service: Service, staff: Staff, starts_at: str) -> int:
    """Book, and return the booking's id."""
    wanted = Request(starts_at=datetime.fromisoformat(starts_at), parts=(Asked(service.id, staff.id),))
    with transaction():
        return create_booking(actor=client.actor, request=wanted).id


def status_of(booking_id: int) -> str:
    """Return the status of a booking."""
    with reading():
        return str(db.session.scalars(select(Booking.status).where(Booking.id == booking_id)).one())


def steps_of(booking_id: int) -> list[Step]:
    """Return what happened to a booking, in order."""
    history = select(BookingHistory.step).where(BookingHistory.booking_id == booking_id)
    with reading():
        return list(db.session.scalars(history.order_by(BookingHistory.id)))


def places_of(*staff: Staff) -> dict[int | None, tuple[int, datetime]]:
    """Return the place, a staff member and a start, that each booking has in the diaries of `staff`."""
    columns = (Allocation.booking_id, Allocation.resource_id, Allocation.starts_at)
    taken = select(*columns).where(Allocation.resource_id.in_([one.id for one in staff]))
    with reading():
        rows = db.session.execute(taken).all()
    found = {booking_id: (resource_id, starts_at) for booking_id, resource_id, starts_at in rows}
    assert len(found) == len(rows), "A booking has two places."
    return found
