"""Who may decide about bookings and has an account: the staff members booked, or the space's owner; else all admins."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.extensions import db
from app.models import Booking, BookingKind, Staff, User
from app.users.admins import reachable_admins


def deciders(bookings: Sequence[Booking]) -> dict[int, list[User]]:
    """Return by the id of each booking who can be asked about it; three statements at most, however many there are."""
    accounts = _accounts_of({staff_id for booking in bookings for staff_id in _staff_of(booking)})
    wanted = {booking.id: _user_ids(booking, accounts) for booking in bookings}
    users = _reachable({user_id for user_ids in wanted.values() for user_id in user_ids})
    found = {booking_id: [user for user in users if user.id in user_ids] for booking_id, user_ids in wanted.items()}
    if all(found.values()):
        return found
    admins = list(reachable_admins())
    return {booking_id: own or admins for booking_id, own in found.items()}


def _staff_of(booking: Booking) -> list[int]:
    return [item.staff_id for item in booking.items if item.staff_id is not None]


def _accounts_of(staff_ids: set[int]) -> Mapping[int, int | None]:
    if not staff_ids:
        return {}
    rows = db.session.execute(select(Staff.id, Staff.user_id).where(Staff.id.in_(staff_ids)))
    return {row.id: row.user_id for row in rows}


def _user_ids(booking: Booking, accounts: Mapping[int, int | None]) -> set[int | None]:
    if booking.kind is BookingKind.SPACE and booking.space is not None:
        return {booking.space.owner_id}
    return {accounts.get(staff_id) for staff_id in _staff_of(booking)}


def _reachable(user_ids: set[int | None]) -> Sequence[User]:
    found = select(User).where(User.id.in_(user_ids - {None}), User.is_active, User.email.is_not(None))
    return db.session.scalars(found.order_by(User.id)).all()
