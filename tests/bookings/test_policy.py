"""Deposits, deadlines and fees, as plain functions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.bookings import policy
from app.bookings.policy import Wait
from app.kit.business import Business
from app.kit.money import Money
from app.models import Booking, DepositType, PendingReason, Service

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
PLAIN = Business(
    name="Test",
    currency="KES",
    timezone="UTC",
    country="KE",
    slot_minutes=15,
    hold_minutes=10,
    booking_limit=10,
    owner_signup=True,
    deposit_above=None,
    deposit_above_percent=0,
    tax_rate_percent=Decimal(0),
)
CAREFUL = replace(PLAIN, deposit_above=10_000, deposit_above_percent=30)


@pytest.mark.parametrize(
    ("kind", "value", "price", "business", "deposit"),
    [
        (DepositType.NONE, 0, 4500, PLAIN, 0),
        (DepositType.FIXED, 900, 4500, PLAIN, 900),
        (DepositType.FIXED, 9000, 4500, PLAIN, 4500),
        (DepositType.PERCENT, 20, 4500, PLAIN, 900),
        (DepositType.PERCENT, 33, 50, PLAIN, 17),
        (DepositType.PERCENT, 50, 1, PLAIN, 1),
        (DepositType.NONE, 0, 10_000, CAREFUL, 0),
        (DepositType.NONE, 0, 10_001, CAREFUL, 3000),
        (DepositType.PERCENT, 50, 20_000, CAREFUL, 10_000),
        (DepositType.FIXED, 100, 20_000, CAREFUL, 6000),
    ],
)
def test_the_larger_of_both_deposit_rules(
    kind: DepositType, value: int, price: int, business: Business, deposit: int
) -> None:
    """The service's rule and the business's for high values; rounded half up; never more than the price."""
    service = Service(deposit_type=kind, deposit_value=value)
    assert policy.deposit_for(policy.deposit_by_rule(service, price), price, business) == deposit


@pytest.mark.parametrize(
    ("approval", "deposit", "ahead", "wait"),
    [
        (False, 0, timedelta(days=9), None),
        (True, 0, timedelta(days=9), Wait(PendingReason.APPROVAL, NOW + timedelta(hours=48))),
        (True, 0, timedelta(hours=3), Wait(PendingReason.APPROVAL, NOW + timedelta(hours=3))),
        (True, 900, timedelta(hours=3), Wait(PendingReason.APPROVAL, NOW + timedelta(hours=3))),
        (False, 900, timedelta(days=9), Wait(PendingReason.DEPOSIT, NOW + timedelta(minutes=30))),
    ],
)
def test_what_a_booking_waits_for(approval: bool, deposit: int, ahead: timedelta, wait: Wait | None) -> None:
    """Approval first, for 48 hours or until the start; a deposit for 30 minutes."""
    found = policy.first_wait(needs_approval=approval, deposit=deposit, now=NOW, starts_at=NOW + ahead)
    assert found == wait


@pytest.mark.parametrize(
    ("paid", "ahead", "wait"),
    [
        (0, timedelta(days=9), Wait(PendingReason.DEPOSIT, NOW + timedelta(hours=24))),
        (0, timedelta(hours=3), Wait(PendingReason.DEPOSIT, NOW + timedelta(hours=3))),
        (899, timedelta(hours=3), Wait(PendingReason.DEPOSIT, NOW + timedelta(hours=3))),
        (900, timedelta(days=9), None),
    ],
)
def test_what_an_approved_booking_waits_for(paid: int, ahead: timedelta, wait: Wait | None) -> None:
    """Its deposit, within 24 hours or by the start, unless it is paid."""
    booking = Booking(deposit_amount=900, paid_amount=paid, starts_at=NOW + ahead)
    assert policy.wait_after_approval(booking, NOW) == wait


@pytest.mark.parametrize(
    ("early", "paid", "fee", "refund"),
    [(timedelta(microseconds=1), 2000, 0, 2000), (timedelta(0), 2000, 900, 1100), (timedelta(0), 500, 900, 0)],
)
def test_cancelling_is_free_until_the_very_instant(early: timedelta, paid: int, fee: int, refund: int) -> None:
    """Then the late fee is kept, and what was paid beyond it given back."""
    booking = Booking(cancel_free_until=NOW, late_cancel_fee_amount=900, paid_amount=paid, currency="KES")
    quote = policy.cancellation_quote(booking, NOW - early)
    assert (quote.free_until, quote.fee, quote.refund) == (NOW, Money(fee, "KES"), Money(refund, "KES"))


def test_a_request_never_confirmed_costs_nothing() -> None:
    """However late it is taken back."""
    booking = Booking(cancel_free_until=NOW, late_cancel_fee_amount=900, paid_amount=0, currency="KES")
    booking.pending_reason = PendingReason.APPROVAL
    assert policy.cancellation_quote(booking, NOW + timedelta(days=1)).fee == Money(0, "KES")
