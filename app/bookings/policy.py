"""Deposits, deadlines and fees: frozen on the booking when it is made."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kit.business import Business
from app.kit.money import Money, percent_of
from app.models import Booking, DepositType, PendingReason, Service, Space

APPROVAL_TIME = timedelta(hours=48)
DEPOSIT_TIME = timedelta(minutes=30)
DEPOSIT_TIME_AFTER_APPROVAL = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CancellationQuote:
    """What cancelling costs now: free until `free_until`; `fee` is kept and `refund` given back."""

    free_until: datetime
    fee: Money
    refund: Money


def deposit_by_rule(booked: Service | Space, price: int) -> int:
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


@dataclass(frozen=True, slots=True)
class Wait:
    """A reason to be pending, and until when."""

    reason: PendingReason
    until: datetime


def _by_value(price: int, business: Business) -> int:
    if business.deposit_above is None or price <= business.deposit_above:
        return 0
    return percent_of(price, business.deposit_above_percent)
