"""Deposits, deadlines and fees: frozen on the booking when it is made, and what a move leaves of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.kit.business import Business
from app.kit.money import Money, percent_of
from app.models import Booking, DepositType, PendingReason

APPROVAL_TIME = timedelta(hours=48)
DEPOSIT_TIME = timedelta(minutes=30)
DEPOSIT_TIME_AFTER_APPROVAL = timedelta(hours=24)


class DepositRule(Protocol):
    """A service, or a space, with the rule for its deposit."""

    @property
    def deposit_type(self) -> DepositType:
        """How it is reckoned."""

    @property
    def deposit_value(self) -> int:
        """Minor units, or a percentage."""


@dataclass(frozen=True, slots=True)
class CancellationQuote:
    """What cancelling costs now: free until `free_until`; `fee` is kept and `refund` given back."""

    free_until: datetime
    fee: Money
    refund: Money


def deposit_by_rule(booked: DepositRule, price: int) -> int:
    """Return the deposit that a service's, or a space's, own rule asks for, in minor units."""
    if booked.deposit_type is DepositType.PERCENT:
        return percent_of(price, booked.deposit_value)
    return booked.deposit_value if booked.deposit_type is DepositType.FIXED else 0


def deposit_for(by_rule: int, total: int, business: Business) -> int:
    """Return the deposit: the larger of the rules of what is booked and the business's for high values, in all."""
    return min(total, max(by_rule, _by_value(total, business)))


def cancellation_quote(booking: Booking, now: datetime) -> CancellationQuote:
    """Return the very numbers that cancelling at `now` applies; a booking never confirmed costs nothing."""
    free = now < booking.cancel_free_until or booking.pending_reason is not None
    fee = 0 if free else booking.late_cancel_fee_amount
    refund = max(0, booking.paid_amount - fee)
    return CancellationQuote(booking.cancel_free_until, Money(fee, booking.currency), Money(refund, booking.currency))


def first_wait(*, needs_approval: bool, deposit: int, now: datetime, starts_at: datetime) -> "Wait | None":
    """Return what a new booking waits for; None where it is confirmed at once."""
    if needs_approval:
        return Wait(PendingReason.APPROVAL, min(now + APPROVAL_TIME, starts_at))
    if deposit > 0:
        return Wait(PendingReason.DEPOSIT, now + DEPOSIT_TIME)
    return None


def wait_after_approval(booking: Booking, now: datetime) -> "Wait | None":
    """Return the wait for a deposit that an approval leads to; None where nothing is due."""
    if booking.deposit_amount <= booking.paid_amount:
        return None
    return Wait(PendingReason.DEPOSIT, min(now + DEPOSIT_TIME_AFTER_APPROVAL, booking.starts_at))


def is_paid_for(booking: Booking) -> bool:
    """Say whether a booking waits for a deposit that is covered by what was paid, or is nothing: it waits no more."""
    return booking.pending_reason is PendingReason.DEPOSIT and booking.paid_amount >= booking.deposit_amount


def after_move(booking: Booking, starts_at: datetime, total: int, *, late: bool) -> "Frozen":
    """Return what a move to a new start and a new total leaves of what is frozen on a booking.

    The deposit never exceeds the total, and no wait goes beyond the start. Neither do the fees exceed the total, and
    cancelling is free until as long before the start as it was; unless it is `late`: then deadline and fees stay as
    they are, so that nobody escapes a fee by moving away from it, or by becoming cheaper first.
    """
    fees = booking.late_cancel_fee_amount, booking.no_show_fee_amount
    late_cancel_fee, no_show_fee = fees if late else (min(fee, total) for fee in fees)
    shift = timedelta(0) if late else starts_at - booking.starts_at
    return Frozen(
        deposit_amount=min(booking.deposit_amount, total),
        late_cancel_fee_amount=late_cancel_fee,
        no_show_fee_amount=no_show_fee,
        cancel_free_until=booking.cancel_free_until + shift,
        expires_at=None if booking.expires_at is None else min(booking.expires_at, starts_at),
    )


def is_late_move(booking: Booking, now: datetime, *, decides: bool) -> bool:
    """Say whether moving at `now` is late: too late to cancel for nothing, and by a client, not by who `decides`."""
    return not decides and now >= booking.cancel_free_until


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is frozen on a booking, in the words of its columns."""

    deposit_amount: int
    late_cancel_fee_amount: int
    no_show_fee_amount: int
    cancel_free_until: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wait:
    """A reason to be pending, and until when."""

    reason: PendingReason
    until: datetime


def _by_value(price: int, business: Business) -> int:
    if business.deposit_above is None or price <= business.deposit_above:
        return 0
    return percent_of(price, business.deposit_above_percent)
