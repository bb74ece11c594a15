"""Getting hold of a booking in the one global order: resources by id, then the booking."""

from collections.abc import Sequence

from app.bookings import queries
from app.bookings.errors import MovedMeanwhile
from app.diary.allocations import lock_resources, release
from app.diary.closures import reclaim_for_closures
from app.extensions import db
from app.models import Allocation, Booking


def resources_of(booking: Booking) -> list[int]:
    """Return the ids of the resources that the booking occupies."""
    staff = [item.staff_id for item in booking.items if item.staff_id is not None]
    return sorted({*staff, *([booking.space_id] if booking.space_id is not None else [])})


def lock_booking(booking: Booking) -> Booking:
    """Lock the booking's resources, then the booking, and return it as it is now. Raises `MovedMeanwhile`."""
    expected = resources_of(booking)
    lock_resources(expected)
    locked = db.session.scalars(queries.locked(booking.id)).one()
    if resources_of(locked) != expected:
        raise MovedMeanwhile
    return locked


def release_time(booking: Booking) -> Sequence[Allocation]:
    """Give a locked booking's time back; closures that lie over it take it. Returns what was freed."""
    freed = release(booking_id=booking.id)
    for allocation in freed:
        reclaim_for_closures(allocation.resource_id, allocation.starts_at, allocation.ends_at)
    return freed
