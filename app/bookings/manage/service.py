"""What a client does to a booking by its link: what it could do signed in, and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from app.bookings.errors import BookingStarted, FeeHasRisen, InvalidTransition
from app.bookings.manage.tokens import BOOKING_LINKS, good_until
from app.bookings.policy import CancellationQuote
from app.bookings.service import Change, cancel, quote_cancellation, reschedule
from app.kit.clock import utcnow
from app.kit.errors import StaleVersion
from app.kit.versions import Seen
from app.models import LIVING, Booking, BookingStatus, PendingReason, Role
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Managed:
    """A booking, what its client may still do to it, what cancelling would cost, and until when the link works."""

    booking: Booking
    may_cancel: bool
    may_move: bool
    cancellation: CancellationQuote | None
    link_expires_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody has seen of a booking: its version, and for what fee, in minor units, it could be cancelled."""

    version: str
    fee: int


def read_managed(token: str) -> Managed:
    """Return the booking that a link opens. Raises `LinkUnknown`."""
    booking, _ = BOOKING_LINKS.opened_by(token)
    return _managed(booking)


def cancel_managed(token: str, reason: str, *, seen: Seen = None) -> Managed:
    """Cancel it by its frozen policy. Raises `LinkUnknown` and what cancelling raises."""
    booking, _ = BOOKING_LINKS.opened_by(token)
    return _managed(cancel(_client_of(booking), booking.id, reason=reason, seen=seen))


def cancel_as_shown(token: str, shown: Shown) -> None:
    """Cancel it as its reader has seen it; what is cancelled stays so.

    Raises what `cancel_managed` does, and `FeeHasRisen`.
    """
    booking, _ = BOOKING_LINKS.opened_by(token)
    try:
        cancel_managed(token, "", seen={shown.version})
    except StaleVersion:
        if booking.status is not BookingStatus.CANCELLED:
            raise
    else:
        if (booking.cancel_fee_amount or 0) > shown.fee:
            raise FeeHasRisen


def waits_for_deposit(booking: Booking) -> bool:
    """Say whether it lapses unless its deposit is paid."""
    is_pending = booking.status_at(utcnow()) is BookingStatus.PENDING
    return is_pending and booking.pending_reason is PendingReason.DEPOSIT


def move_managed(token: str, change: Change, *, seen: Seen = None) -> Managed:
    """Move it as its client may. Raises `LinkUnknown` and what moving raises."""
    booking, _ = BOOKING_LINKS.opened_by(token)
    return _managed(reschedule(_client_of(booking), booking.id, change, seen=seen))


def _client_of(booking: Booking) -> Actor:
    """Return who acts: the client, with a client's rights, whatever else they may do when signed in."""
    return Actor(booking.client_id, Role.CLIENT)


def _managed(booking: Booking) -> Managed:
    now, quote = utcnow(), _quote(booking)
    may_move = booking.status_at(now) in LIVING and now < booking.starts_at
    return Managed(booking, quote is not None, may_move, quote, good_until(booking))


def _quote(booking: Booking) -> CancellationQuote | None:
    """Return what cancelling would cost at this moment; None where it would be refused."""
    try:
        return quote_cancellation(_client_of(booking), booking.id)
    except (BookingStarted, InvalidTransition):
        return None
