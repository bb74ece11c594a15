"""Getting hold of a booking in the one global order: resources by id, then the booking."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TypeVar

from app.bookings import queries
from app.bookings.occupation import taken_by
from app.bookings.service.read import load_booking
from app.diary.allocations import Taken, claim, lock_resources, release
from app.diary.cause import Cause
from app.diary.closures import reclaim_for_closures
from app.extensions import db
from app.kit.errors import NotFound, Unavailable
from app.kit.versions import Seen, require_version
from app.models import Booking

Got = TypeVar("Got")

ATTEMPTS = 5
"""How often a booking is followed to where it has gone meanwhile."""


def resources_of(booking: Booking) -> list[int]:
    """Return the ids of the resources that the booking occupies."""
    staff = [item.staff_id for item in booking.items if item.staff_id is not None]
    return sorted({*staff, *([booking.space_id] if booking.space_id is not None else [])})


def lock_booking(booking: Booking, seen: Seen = None) -> Booking:
    """Lock the booking's resources, then the booking, and return it as it is now.

    Raises `Unavailable`; and `StaleVersion` where it is none of the versions that were `seen`.
    """
    (locked,) = lock_bookings([booking])
    require_version(locked.version, seen)
    return locked


def lock_any_booking(booking_id: int) -> Booking:
    """Lock one booking for the system itself, whoever it belongs to, and return it. Raises `NotFound`."""
    booking = load_booking(booking_id)
    if booking is None:
        raise NotFound
    return lock_booking(booking)


def lock_bookings(bookings: Sequence[Booking], also: Iterable[int] = ()) -> list[Booking]:
    """Lock the resources of all these bookings, and `also` those; then the bookings; return them as they are now.

    Raises `Unavailable`. They come back by id.
    """
    more = set(also)
    return follow(bookings, lambda _, occupied: lock_resources(more | occupied))[0]


def follow(
    bookings: Sequence[Booking], lock: Callable[[Sequence[Booking], set[int]], Got]
) -> tuple[list[Booking], Got]:
    """Lock resources by `lock`, then the bookings; return them as they are now, by id, and what `lock` returned.

    `lock` is given the bookings as they were last seen, and the ids of what they occupied then. Raises `Unavailable`.

    Where one went to other resources while we asked for the lock, the locks are given back and asked for again: taking
    one more while holding these would break the order.
    """
    for _ in range(ATTEMPTS):
        with db.session.begin_nested() as attempt:
            expected = {booking.id: resources_of(booking) for booking in bookings}
            got = lock(bookings, set(chain.from_iterable(expected.values())))
            bookings = db.session.scalars(queries.locked(*expected)).all()
            if all(resources_of(booking) == expected[booking.id] for booking in bookings):
                return list(bookings), got
            attempt.rollback()
    raise Unavailable("The booking is being moved at this moment.")


def release_time(booking: Booking) -> None:
    """Give a locked booking's time back; closures that lie over it take it."""
    give_back(release(Cause(booking_id=booking.id)))


def give_back(freed: Iterable[Taken]) -> None:
    """Let closures take what was freed of their time. The caller holds the resources' locks."""
    for resource_id, starts_at, ends_at in freed:
        reclaim_for_closures(resource_id, starts_at, ends_at)


def claim_time(booking: Booking) -> None:
    """Take the booking's time, until it is confirmed no longer than it may be pending. Raises `SlotTaken`."""
    claim(taken_by(booking.items, booking.space_id), Cause(booking_id=booking.id), booking.expires_at)
