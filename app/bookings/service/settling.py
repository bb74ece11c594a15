"""What money does to a booking. Payments call `record_payment`, and nothing else, when some has come."""

from enum import StrEnum

from app.bookings import policy, queries
from app.bookings.service.expiry import free_overdue
from app.bookings.service.locking import claim_time, lock_any_booking, release_time, resources_of
from app.bookings.service.record import record_step
from app.diary.allocations import keep_until
from app.diary.errors import SlotTaken
from app.extensions import db
from app.kit.clock import utcnow
from app.models import Booking, BookingStatus, PendingReason, Step


class Settlement(StrEnum):
    """What became of the money."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    REVIVED = "revived"
    REFUND_DUE = "refund_due"


def record_payment(booking_id: int, amount: int) -> Settlement:
    """Write that `amount` minor units have come for a booking, and say what became of them.

    A deposit that is covered confirms the booking. Where it is covered after the booking expired waiting for it, the
    time is taken again if that is still to be had. If not, and for what nobody approved in time, or was declined or
    cancelled, and where it is more than is left to pay, the money is to be refunded, and is not counted as paid. The
    caller calls once for each payment.
    Raises `NotFound`.
    """
    booking = lock_any_booking(booking_id)
    status = booking.status_at(utcnow())
    if status in {BookingStatus.DECLINED, BookingStatus.CANCELLED}:
        return Settlement.REFUND_DUE
    if status is BookingStatus.EXPIRED:
        return _revive(booking, amount)
    return _count(booking, amount) if amount <= booking.balance_due.amount else Settlement.REFUND_DUE


def record_refund(booking_id: int, amount: int) -> None:
    """Write that `amount` minor units of what was counted as paid for a booking have gone back; below 0, come back.

    Raises `NotFound`.
    """
    booking = lock_any_booking(booking_id)
    booking.paid_amount -= amount
    record_step(booking, Step.PAY, before=booking.status, actor_id=None).details = {"amount": -amount}


def confirm_if_paid_for(booking: Booking) -> bool:
    """Confirm a locked booking whose deposit is waited for no more; say whether that is so.

    The caller lets its time lapse no more.
    """
    if not policy.is_paid_for(booking):
        return False
    booking.move_to(BookingStatus.CONFIRMED, utcnow())
    return True


def _revive(booking: Booking, amount: int) -> Settlement:
    """Confirm what has expired, if its time is still to be had."""
    before, covered = booking.status, booking.deposit_amount <= booking.paid_amount + amount <= booking.total_amount
    if not (covered and _waited_for(booking) == PendingReason.DEPOSIT and _take_again(booking)):
        return Settlement.REFUND_DUE
    booking.revive(utcnow())
    booking.paid_amount += amount
    _record(booking, before, amount)
    return Settlement.REVIVED


def _count(booking: Booking, amount: int) -> Settlement:
    before = booking.status
    booking.paid_amount += amount
    confirmed = confirm_if_paid_for(booking)
    _record(booking, before, amount)
    return Settlement.CONFIRMED if confirmed else Settlement.RECORDED


def _record(booking: Booking, before: BookingStatus, amount: int) -> None:
    keep_until(booking.id, booking.expires_at)
    record_step(booking, Step.PAY, before=before, actor_id=None).details = {"amount": amount}


def _waited_for(booking: Booking) -> str | None:
    """Return what a booking that has expired waited for, whether that is written down or not."""
    written = db.session.scalars(queries.expiries_of(booking.id)).first()
    return booking.pending_reason if written is None else written.details["waited_for"]


def _take_again(booking: Booking) -> bool:
    """Claim the time of a booking that has expired; say whether it was to be had."""
    now = utcnow()
    if booking.starts_at <= now or db.session.scalars(queries.departed(resources_of(booking))).first() is not None:
        return False
    try:
        with db.session.begin_nested():
            release_time(booking)
            free_overdue(resources_of(booking), now)
            claim_time(booking)
    except SlotTaken:
        return False
    return True
