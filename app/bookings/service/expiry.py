"""Pending bookings past their time: they lapse for readers at once, and in the table when their task comes up."""

from collections.abc import Collection
from datetime import datetime

from app.bookings.events import booking_fell_through
from app.bookings.service.locking import give_back, lock_booking, release_time
from app.bookings.service.read import load_booking
from app.bookings.service.record import record_step
from app.diary.allocations import free_lapsed
from app.extensions import db
from app.kit.clock import utcnow
from app.models import Booking, BookingStatus, Step


def expire_booking(booking_id: int) -> None:
    """Expire a booking if it is pending past its time; nothing happens if it is not, or not any more."""
    booking = load_booking(booking_id)
    if booking is not None:
        _expire(lock_booking(booking), utcnow())


def free_overdue(resource_ids: Collection[int], now: datetime) -> None:
    """Free what has lapsed on these resources, which the caller has locked; closures over it take it."""
    give_back(free_lapsed(resource_ids, now))


def _expire(booking: Booking, now: datetime) -> None:
    before, waited_for = booking.status, booking.pending_reason
    if before is BookingStatus.PENDING and booking.status_at(now) is BookingStatus.EXPIRED:
        release_time(booking)
        booking.move_to(BookingStatus.EXPIRED, now)
        record_step(booking, Step.EXPIRE, before=before, actor_id=None).details = {"waited_for": waited_for}
        db.session.flush()
        booking_fell_through.send(booking)
