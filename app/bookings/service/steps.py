"""The steps of a booking's life, each legal from some statuses only (product.md §4)."""

from dataclasses import dataclass
from datetime import datetime

from app.bookings.errors import BookingStarted, InvalidTransition, NotStarted
from app.bookings.events import booking_concluded, booking_fell_through
from app.bookings.permissions import may_cancel, may_decide, may_withdraw
from app.bookings.policy import CancellationQuote, cancellation_quote, wait_after_approval
from app.bookings.service.locking import lock_booking, release_time
from app.bookings.service.read import get_booking, load_booking, owner_of
from app.bookings.service.record import record_step, schedule_expiry
from app.diary.allocations import keep_until
from app.kit.clock import utcnow
from app.kit.errors import Forbidden
from app.kit.versions import Seen
from app.models import Booking, BookingHistory, BookingStatus, PendingReason, Role, Step
from app.products.consumables import use_up
from app.security.actor import Actor

CONCLUSIONS = {Step.COMPLETE: BookingStatus.COMPLETED, Step.NO_SHOW: BookingStatus.NO_SHOW}


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """How a booking is cancelled: also after its start, without its late fee, and why."""

    any_time: bool
    waive_fee: bool = False
    reason: str = ""


def approve(actor: Actor, booking_id: int, *, reason: str = "", seen: Seen = None) -> Booking:
    """Accept a booking that waits for approval: confirmed, or pending for the deposit it asks for."""
    booking, now = _locked_to_decide(actor, booking_id, seen), utcnow()
    wait = wait_after_approval(booking, now)
    _require(booking, BookingStatus.PENDING if wait else BookingStatus.CONFIRMED, now)
    if booking.pending_reason is not PendingReason.APPROVAL:
        raise InvalidTransition("The booking waits for its deposit, not for approval.")
    if wait:
        booking.wait_for(wait.reason, wait.until, now)
        schedule_expiry(booking)
    else:
        booking.move_to(BookingStatus.CONFIRMED, now)
    keep_until(booking.id, booking.expires_at)
    record_step(booking, Step.APPROVE, before=BookingStatus.PENDING, actor_id=actor.id, reason=reason)
    return booking


def decline(actor: Actor, booking_id: int, *, reason: str = "", seen: Seen = None) -> Booking:
    """Refuse a pending booking, whether it waits for approval or its deposit; its time is free again."""
    booking, now = _locked_to_decide(actor, booking_id, seen), utcnow()
    _require(booking, BookingStatus.DECLINED, now)
    booking.move_to(BookingStatus.DECLINED, now)
    release_time(booking)
    record_step(booking, Step.DECLINE, before=BookingStatus.PENDING, actor_id=actor.id, reason=reason)
    booking_fell_through.send(booking)
    return booking


def cancel(actor: Actor, booking_id: int, *, reason: str = "", waive_fee: bool = False, seen: Seen = None) -> Booking:
    """Cancel, and free the time. Cancelling what is cancelled succeeds and changes nothing.

    A client may do so until the start; `waive_fee` is for those who may decide about the booking.
    """
    booking = get_booking(actor, booking_id)
    terms = cancelling(actor, booking, reason=reason, waive_fee=waive_fee)
    return cancel_locked(lock_booking(booking, seen), actor, terms)


def cancelling(actor: Actor, booking: Booking, *, reason: str, waive_fee: bool) -> CancelTerms:
    """Return the terms on which the actor cancels a booking. Raises `Forbidden` where it may not, or not on these."""
    owner_id = owner_of(booking)
    decides = may_decide(actor, booking, owner_id)
    if not may_cancel(actor, booking, owner_id) or (waive_fee and not decides):
        raise Forbidden
    return CancelTerms(any_time=decides, waive_fee=waive_fee, reason=reason)


def withdraw(actor: Actor, booking_id: int, *, seen: Seen = None) -> Booking:
    """Cancel one's own booking before its start; an admin, any booking at any time."""
    booking = get_booking(actor, booking_id)
    if not may_withdraw(actor, booking):
        raise Forbidden
    return cancel_locked(lock_booking(booking, seen), actor, CancelTerms(any_time=actor.role is Role.ADMIN))


def complete(actor: Actor, booking_id: int, *, reason: str = "", seen: Seen = None) -> Booking:
    """Say that what was agreed has been done, which takes what it has used off the stock. Only after the start."""
    return _complete_locked(_locked_to_decide(actor, booking_id, seen), actor.id, reason)


def complete_finished(booking_id: int, ended_before: datetime) -> None:
    """Let a confirmed booking count as completed that ended before an instant; nothing happens to any other."""
    booking = load_booking(booking_id)
    if booking is None:
        return
    booking = lock_booking(booking)
    if booking.status is BookingStatus.CONFIRMED and booking.ends_at <= ended_before:
        _complete_locked(booking, None)


def mark_no_show(
    actor: Actor, booking_id: int, *, reason: str = "", waive_fee: bool = False, seen: Seen = None
) -> Booking:
    """Say that the client did not come; its fee is owed, unless it is waived. Only after the start."""
    booking = _locked_to_decide(actor, booking_id, seen)
    _conclude(booking, actor.id, Step.NO_SHOW, reason, waived=booking.no_show_fee_amount if waive_fee else 0)
    booking_concluded.send(booking)
    return booking


def take_step_to(actor: Actor, booking_id: int, status: BookingStatus, *, seen: Seen = None) -> Booking:
    """Take the step that leads to `status`, if the actor may. Raises what the step raises."""
    steps = {
        BookingStatus.CONFIRMED: approve,
        BookingStatus.DECLINED: decline,
        BookingStatus.CANCELLED: cancel,
        BookingStatus.COMPLETED: complete,
        BookingStatus.NO_SHOW: mark_no_show,
    }
    return steps[status](actor, booking_id, seen=seen)


def quote_cancellation(actor: Actor, booking_id: int) -> CancellationQuote:
    """Return what cancelling would cost the actor at this moment, or raise what it would.

    That is `BookingStarted` for a client after the start. What is cancelled has no cost any more: `InvalidTransition`.
    """
    booking, now = get_booking(actor, booking_id), utcnow()
    _require_cancellable(booking, now, any_time=may_decide(actor, booking, owner_of(booking)))
    return cancellation_quote(booking, now)


def cancel_locked(booking: Booking, actor: Actor, terms: CancelTerms) -> Booking:
    """Cancel a locked booking. Raises `InvalidTransition`, `BookingStarted`."""
    before, now = booking.status, utcnow()
    if before is BookingStatus.CANCELLED:
        return booking
    _require_cancellable(booking, now, any_time=terms.any_time)
    fee = cancellation_quote(booking, now).fee.amount
    waived = fee if terms.waive_fee else 0
    booking.cancelled_at, booking.cancelled_by = now, actor.id
    booking.cancel_reason, booking.cancel_fee_amount = terms.reason, fee - waived
    booking.move_to(BookingStatus.CANCELLED, now)
    release_time(booking)
    change = record_step(booking, Step.CANCEL, before=before, actor_id=actor.id, reason=terms.reason)
    _tell_waived(change, waived)
    booking_concluded.send(booking)
    return booking


def _require_cancellable(booking: Booking, now: datetime, *, any_time: bool) -> None:
    _require(booking, BookingStatus.CANCELLED, now)
    if not any_time and now >= booking.starts_at:
        raise BookingStarted


def _conclude(booking: Booking, actor_id: int | None, step: Step, reason: str, *, waived: int = 0) -> Booking:
    status = CONCLUSIONS[step]
    before, now = booking.status, utcnow()
    _require(booking, status, now)
    if now < booking.starts_at:
        raise NotStarted
    if waived:
        booking.cancel_fee_amount = 0
    booking.move_to(status, now)
    _tell_waived(record_step(booking, step, before=before, actor_id=actor_id, reason=reason), waived)
    return booking


def _complete_locked(booking: Booking, actor_id: int | None, reason: str = "") -> Booking:
    """Complete a locked booking, and take what its services have used off the stock. `actor_id` None: the system."""
    _conclude(booking, actor_id, Step.COMPLETE, reason)
    performed = [item.service_id for item in booking.items if item.service_id is not None]
    use_up(performed, booking.id, actor_id=actor_id)
    booking_concluded.send(booking)
    return booking


def _tell_waived(change: BookingHistory, amount: int) -> None:
    """Let the history say how much of a fee was waived, in minor units, where it was any."""
    if amount:
        change.details = {"fee_waived": amount}


def _locked_to_decide(actor: Actor, booking_id: int, seen: Seen) -> Booking:
    booking = get_booking(actor, booking_id)
    if not may_decide(actor, booking, owner_of(booking)):
        raise Forbidden
    return lock_booking(booking, seen)


def _require(booking: Booking, status: BookingStatus, now: datetime) -> None:
    if not booking.may_move_to(status, now):
        raise InvalidTransition(f"A booking that is {booking.status_at(now)} cannot become {status}.")
