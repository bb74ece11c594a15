"""The selects of what time has passed over: the oldest first, never more than a batch."""

from datetime import datetime

from sqlalchemy import Select, select

from app.models import Allocation, Booking, BookingStatus


def overdue_bookings(before: datetime, limit: int) -> Select[int]:
    """Select the ids of pending bookings whose deadline was before an instant."""
    overdue = (Booking.status == BookingStatus.PENDING, Booking.expires_at <= before)
    return select(Booking.id).where(*overdue).order_by(Booking.expires_at).limit(limit)


def lapsed_holds(before: datetime, limit: int) -> Select[int | None]:
    """Select the ids of holds that lapsed before an instant and still have time of somebody's."""
    lapsed = (Allocation.hold_id.is_not(None), Allocation.expires_at <= before)
    return select(Allocation.hold_id).where(*lapsed).distinct().order_by(Allocation.hold_id).limit(limit)


def finished_bookings(before: datetime, limit: int) -> Select[int]:
    """Select the ids of confirmed bookings that ended before an instant: of those that began before it, by an index."""
    finished = (Booking.status == BookingStatus.CONFIRMED, Booking.starts_at < before, Booking.ends_at <= before)
    return select(Booking.id).where(*finished).order_by(Booking.starts_at, Booking.id).limit(limit)
