"""Handing a leaving staff member's bookings to a colleague, all or none."""

from app.bookings import queries
from app.bookings.service.create import allocations_of
from app.bookings.service.expiry import expire_overdue
from app.bookings.service.locking import lock_booking, release_time
from app.bookings.service.record import record_step
from app.bookings.work import Candidate, candidates_for
from app.diary.allocations import claim
from app.extensions import db
from app.kit.clock import utcnow
from app.models import Booking, BookingItem, Step
from app.services.service import get_named_service
from app.staff.errors import FutureBookings, StaffNotAssigned


def refuse_or_reassign(*, staff_id: int, reassign_to: int | None, actor_id: int | None) -> None:
    """Move the staff member's bookings ahead to `reassign_to`; without one, refuse where there are any.

    Raises `FutureBookings` with their list, `StaffNotAssigned`, or `SlotTaken` where the colleague has no time.
    The caller has locked both.
    """
    now = utcnow()
    ahead = list(db.session.scalars(queries.ahead_of_staff(staff_id, now)))
    if not ahead:
        return
    if reassign_to is None:
        raise FutureBookings(extra={"bookings": [_as_json(booking) for booking in ahead]})
    expire_overdue([reassign_to], now)
    for booking in ahead:
        _hand_over(booking, staff_id, reassign_to, actor_id)


def _hand_over(booking: Booking, leaving: int, taking: int, actor_id: int | None) -> None:
    booking = lock_booking(booking)
    release_time(booking)
    for item in booking.items:
        if item.staff_id == leaving:
            colleague = _colleague(item, taking)
            item.staff_id, item.staff_name = colleague.staff_id, colleague.name
    db.session.flush()
    claim(allocations_of(booking))
    record_step(booking, Step.REASSIGN, before=booking.status, actor_id=actor_id)


def _colleague(item: BookingItem, staff_id: int) -> Candidate:
    assert item.service_id is not None  # noqa: S101  # an item with staff has a service, says the table
    service = get_named_service(item.service_id)
    for candidate in candidates_for(service):
        if candidate.staff_id == staff_id and candidate.active:
            return candidate
    raise StaffNotAssigned(f"{service.name} is not performed by the staff member named in reassign_to.")


def _as_json(booking: Booking) -> dict[str, object]:
    return {
        "booking_id": booking.id,
        "reference": booking.reference,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
    }
