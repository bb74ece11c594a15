"""Getting hold of a booking in the one global order: resources by id, then the booking."""

from collections.abc import Sequence

from app.bookings import queries
from app.diary.allocations import lock_resources, release
from app.diary.closures import reclaim_for_closures
from app.extensions import db
from app.kit.errors import Unavailable
from app.models import Allocation, Booking

ATTEMPTS = 5
"""How often a booking is followed to where it has gone meanwhile."""


def resources_of(booking: Booking) -> list[int]:
    """Return the ids of the resources that the booking occupies."""
    staff = [item.staff_id for item in booking.items if item.staff_id is not None]
    return sorted({*staff, *([booking.space_id] if booking.space_id is not None else [])})


def lock_booking(booking: Booking) -> Booking:
    """Lock the booking's resources, then the booking, and return it as it is now. Raises `Unavailable`.

    Where it went to other resources while we asked for the lock, the locks are given back and asked for again: taking
    one more while holding these would break the order.
    """
    for _ in range(ATTEMPTS):
        with db.session.begin_nested() as attempt:
            expected = resources_of(booking)
            lock_resources(expected)
            booking = db.session.scalars(queries.locked(booking.id)).one()
            if resources_of(booking) == expected:
                return booking
            attempt.rollback()
    raise Unavailable("The booking is being moved at this moment.")


def release_time(booking: Booking) -> Sequence[Allocation]:
    """Give a locked booking's time back; closures that lie over it take it. Returns what was freed."""
    freed = release(booking_id=booking.id)
    for allocation in freed:
        reclaim_for_closures(allocation.resource_id, allocation.starts_at, allocation.ends_at)
    return freed
