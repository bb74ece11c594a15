"""The steps of a booking's life, each legal from some statuses only (product.md §4)."""

from app.bookings.errors import BookingStarted, InvalidTransition, NotStarted
from app.bookings.permissions import may_cancel, may_decide
from app.bookings.policy import CancellationQuote, cancellation_quote, wait_after_approval
from app.bookings.service.locking import lock_booking, release_time
from app.bookings.service.read import get_booking
from app.bookings.service.record import record_step, schedule_expiry
from app.diary.allocations import keep_until
from app.kit.clock import utcnow
from app.kit.errors import Forbidden
from app.models import Booking, BookingStatus, PendingReason, Step
from app.security.actor import Actor


def approve(actor: Actor, booking_id: int, *, reason: str = "") -> Booking:
    """Accept a booking that waits for approval: confirmed, or pending for the deposit it asks for."""
    booking = _locked_to_decide(actor, booking_id)
    _require(booking, BookingStatus.CONFIRMED)
    if booking.pending_reason is not PendingReason.APPROVAL:
        raise InvalidTransition("The booking waits for its deposit, not for approval.")
    wait = wait_after_approval(booking, utcnow())
    if wait:
        booking.wait_for(wait.reason, wait.until)
        schedule_expiry(booking)
    else:
        booking.move_to(BookingStatus.CONFIRMED)
    keep_until(booking.id, booking.expires_at)
    record_step(booking, Step.APPROVE, before=BookingStatus.PENDING, actor_id=actor.id, reason=reason)
    return booking


def decline(actor: Actor, booking_id: int, *, reason: str = "") -> Booking:
    """Refuse a booking that waits for approval; its time is free again."""
    booking = _locked_to_decide(actor, booking_id)
    _require(booking, BookingStatus.DECLINED)
    return _end(booking, Step.DECLINE, BookingStatus.DECLINED, actor, reason)


def cancel(actor: Actor, booking_id: int, *, reason: str = "", waive_fee: bool = False) -> Booking:
    """Cancel, and free the time. Cancelling what is cancelled succeeds and changes nothing.

    A client may do so until the start; `waive_fee` is for those who may decide about the booking.
    """
    booking = get_booking(actor, booking_id)
    owner_id = _owner_of(booking)
    decides = may_decide(actor, booking, owner_id)
    if not may_cancel(actor, booking, owner_id) or (waive_fee and not decides):
        raise Forbidden
    booking = lock_booking(booking)
    if booking.status is BookingStatus.CANCELLED:
        return booking
    _require(booking, BookingStatus.CANCELLED)
    now = utcnow()
    if not decides and now >= booking.starts_at:
        raise BookingStarted
    fee = 0 if waive_fee else cancellation_quote(booking, now).fee.amount
    booking.cancelled_at, booking.cancelled_by = now, actor.id
    booking.cancel_reason, booking.cancel_fee_amount = reason, fee
    return _end(booking, Step.CANCEL, BookingStatus.CANCELLED, actor, reason)


def complete(actor: Actor, booking_id: int, *, reason: str = "") -> Booking:
    """Say that what was agreed has been done. Only after the start."""
    return _conclude(actor, booking_id, Step.COMPLETE, BookingStatus.COMPLETED, reason)


def mark_no_show(actor: Actor, booking_id: int, *, reason: str = "") -> Booking:
    """Say that the client did not come. Only after the start."""
    return _conclude(actor, booking_id, Step.NO_SHOW, BookingStatus.NO_SHOW, reason)


def quote_cancellation(actor: Actor, booking_id: int) -> CancellationQuote:
    """Return what cancelling would cost at this moment. Raises `InvalidTransition` where it is too late."""
    booking = get_booking(actor, booking_id)
    _require(booking, BookingStatus.CANCELLED)
    return cancellation_quote(booking, utcnow())


def _conclude(actor: Actor, booking_id: int, step: Step, status: BookingStatus, reason: str) -> Booking:
    booking = _locked_to_decide(actor, booking_id)
    before = booking.status
    _require(booking, status)
    if utcnow() < booking.starts_at:
        raise NotStarted
    booking.move_to(status)
    record_step(booking, step, before=before, actor_id=actor.id, reason=reason)
    return booking


def _end(booking: Booking, step: Step, status: BookingStatus, actor: Actor, reason: str) -> Booking:
    before = booking.status
    booking.move_to(status)
    release_time(booking)
    record_step(booking, step, before=before, actor_id=actor.id, reason=reason)
    return booking


def _locked_to_decide(actor: Actor, booking_id: int) -> Booking:
    booking = get_booking(actor, booking_id)
    if not may_decide(actor, booking, _owner_of(booking)):
        raise Forbidden
    return lock_booking(booking)


def _owner_of(booking: Booking) -> int | None:
    return booking.space.owner_id if booking.space is not None else None


def _require(booking: Booking, status: BookingStatus) -> None:
    now = utcnow()
    if not booking.may_move_to(status, now):
        raise InvalidTransition(f"A booking that is {booking.status_at(now)} cannot become {status}.")
