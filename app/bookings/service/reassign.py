"""Who, or what, is about to go: bookings ahead stand in the way, or a colleague takes them over, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.bookings import queries
from app.bookings.availability import reasons_against
from app.bookings.service.expiry import free_overdue
from app.bookings.service.locking import claim_time, lock_booking, release_time
from app.bookings.service.read import in_brief
from app.bookings.service.record import record_step
from app.bookings.work import agreed_terms
from app.diary.diaries import Diary, load_diaries
from app.diary.errors import ResourceInactive
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.intervals import to_seconds, to_span
from app.models import Booking, BookingItem, Staff, Step
from app.spaces.errors import LettingsAhead
from app.staff.errors import FutureBookings, StaffNotAssigned
from app.staff.service import get_staff


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who takes over: what they perform, and their diary over all that is handed to them."""

    staff: Staff
    performs: set[int]
    diary: Diary


def refuse_or_reassign(*, staff_id: int, reassign_to: int | None, actor_id: int | None) -> None:
    """Move the staff member's bookings ahead to `reassign_to`; without one, refuse where there are any.

    Raises `FutureBookings` with their list. The colleague must be active and perform the service, and the work with
    its buffers must find them open and free, as the engine of every booking has it; an admin overrules none of these:
    `ResourceInactive`, `StaffNotAssigned`, `OutsideOpeningHours`, `SlotTaken`. Time, length and price stay as agreed;
    notice, horizon and grid were asked when the start was chosen, and are not asked again. The caller has locked both.
    """
    now = utcnow()
    ahead = list(db.session.scalars(queries.ahead_of_staff(staff_id, now)))
    if not ahead:
        return
    if reassign_to is None:
        raise FutureBookings(extra={"bookings": [in_brief(booking) for booking in ahead]})
    free_overdue([reassign_to], now)
    colleague = _colleague(reassign_to, ahead, now)
    for booking in ahead:
        _hand_over(booking, staff_id, colleague, actor_id)


def refuse_with_bookings_ahead(space_id: int) -> None:
    """Raise `LettingsAhead` with their list where a space, which the caller has locked, has bookings ahead."""
    ahead = list(db.session.scalars(queries.ahead_of_space(space_id, utcnow())))
    if ahead:
        raise LettingsAhead(extra={"bookings": [in_brief(booking) for booking in ahead]})


def _colleague(staff_id: int, ahead: Sequence[Booking], now: datetime) -> Colleague:
    staff = get_staff(staff_id)
    if not staff.active:
        raise ResourceInactive(f"{staff.name} is not active.")
    occupied = [item.occupied for booking in ahead for item in booking.items]
    span = to_span(min(start for start, _ in occupied), max(end for _, end in occupied))
    diary = load_diaries({staff.id: staff.timezone}, span, now)[staff.id]
    return Colleague(staff, set(db.session.scalars(queries.performed_by(staff.id))), diary)


def _hand_over(booking: Booking, leaving: int, colleague: Colleague, actor_id: int | None) -> None:
    booking = lock_booking(booking)
    release_time(booking)
    for item in booking.items:
        if item.staff_id == leaving:
            _require_able(colleague, booking, item)
            item.staff_id, item.staff_name = colleague.staff.id, colleague.staff.name
    db.session.flush()
    claim_time(booking)
    record_step(booking, Step.REASSIGN, before=booking.status, actor_id=actor_id)


def _require_able(colleague: Colleague, booking: Booking, item: BookingItem) -> None:
    """Raise the first reason why the colleague cannot do the work of an item."""
    if item.service_id not in colleague.performs:
        raise StaffNotAssigned(f"{booking.reference}: {colleague.staff.name} does not perform {item.service_name}.")
    for reason in reasons_against(colleague.diary, agreed_terms(item), to_seconds(item.starts_at)):
        raise reason(f"{booking.reference} with {colleague.staff.name}: {reason.title}")
