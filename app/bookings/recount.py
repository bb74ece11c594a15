"""Whether what is taken of everybody's time is what bookings account for."""

from collections.abc import Iterator

from sqlalchemy import exists, func, or_, select

from app.bookings.queries import SHOWN
from app.extensions import db
from app.models import Allocation, Booking, BookingItem, BookingStatus


def find_overlaps() -> Iterator[str]:
    """Yield a line for each allocation that begins before an earlier one of its resource has ended."""
    earlier = func.max(Allocation.ends_at).over(
        partition_by=Allocation.resource_id, order_by=(Allocation.starts_at, Allocation.id), rows=(None, -1)
    )
    each = select(Allocation.id, Allocation.resource_id, Allocation.starts_at, earlier.label("taken_until")).subquery()
    overlapping = select(each.c.resource_id, each.c.id).where(each.c.taken_until > each.c.starts_at)
    for resource_id, allocation_id in db.session.execute(overlapping.order_by(each.c.resource_id, each.c.id)):
        yield f"allocation {allocation_id} of resource {resource_id} begins before the one before it ends"


def find_unclaimed() -> Iterator[str]:
    """Yield a line for each part of a confirmed booking whose time is not taken.

    A pending one is not looked at: it may have lapsed and given its time back before its status says so.
    """
    resource_id = func.coalesce(BookingItem.staff_id, Booking.space_id)
    is_taken = exists().where(
        Allocation.booking_id == Booking.id,
        Allocation.resource_id == resource_id,
        Allocation.starts_at <= BookingItem.starts_at,
        Allocation.ends_at >= BookingItem.ends_at,
    )
    parts = select(Booking.id, resource_id).join(BookingItem, BookingItem.booking_id == Booking.id)
    found = parts.where(Booking.status == BookingStatus.CONFIRMED, ~is_taken)
    for booking_id, taken_id in db.session.execute(found.order_by(Booking.id, BookingItem.position)):
        yield f"booking {booking_id} is confirmed, and its time of resource {taken_id} is not taken"


def find_left_over() -> Iterator[str]:
    """Yield a line for each allocation of a booking that was given up, or that is about another resource."""
    is_performed = exists().where(BookingItem.booking_id == Booking.id, BookingItem.staff_id == Allocation.resource_id)
    is_about = or_(func.coalesce(Booking.space_id == Allocation.resource_id, False), is_performed)
    taken = select(Allocation.id, Allocation.resource_id, Booking.id).join(Booking, Booking.id == Allocation.booking_id)
    found = taken.where(or_(Booking.status.not_in(SHOWN), ~is_about)).order_by(Allocation.id)
    for allocation_id, resource_id, booking_id in db.session.execute(found):
        yield f"allocation {allocation_id} takes time of resource {resource_id} that is not booking {booking_id}'s"
