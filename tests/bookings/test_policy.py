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
from tests.cases import each_case

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
    tax_inclusive=True,
    order_minutes=30,
)
CAREFUL = replace(PLAIN, deposit_above=10_000, deposit_above_percent=30)


@each_case(
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


def agreed() -> Booking:
    """Return a booking two days ahead at 50.00, of which 20.00 are due and kept, free to cancel until a day before."""
    return Booking(
        starts_at=NOW + timedelta(days=2),
        total_amount=5000,
        deposit_amount=2000,
        late_cancel_fee_amount=2000,
        no_show_fee_amount=1500,
        cancel_free_until=NOW + timedelta(days=1),
    )


@pytest.mark.parametrize(
    ("total", "late", "left"),
    [
        (9000, False, (2000, 2000, 1500)),
        (1800, False, (1800, 1800, 1500)),
        (0, False, (0, 0, 0)),
        (9000, True, (2000, 2000, 1500)),
        (1800, True, (1800, 2000, 1500)),
        (0, True, (0, 2000, 1500)),
    ],
)
def test_what_a_move_leaves_of_the_money(total: int, late: bool, left: tuple[int, int, int]) -> None:
    """The deposit falls to the total; so do the fees in time, and late they stay; nothing rises."""
    frozen = policy.after_move(agreed(), NOW + timedelta(days=3), total, late=late)
    assert (frozen.deposit_amount, frozen.late_cancel_fee_amount, frozen.no_show_fee_amount) == left


@pytest.mark.parametrize("days", [1, 2, 5])
def test_what_a_move_leaves_of_the_deadline(days: int) -> None:
    """In time it goes with the start, back and forth; late it stays."""
    starts_at = NOW + timedelta(days=days)
    in_time = policy.after_move(agreed(), starts_at, 5000, late=False)
    assert in_time.cancel_free_until == starts_at - timedelta(days=1)
    assert policy.after_move(agreed(), starts_at, 5000, late=True).cancel_free_until == NOW + timedelta(days=1)


@pytest.mark.parametrize(("until", "left"), [(None, None), (1, 1), (4, 3)])
def test_no_wait_goes_beyond_the_new_start(until: int | None, left: int | None) -> None:
    """Three days ahead; in days."""
    booking = agreed()
    booking.expires_at = None if until is None else NOW + timedelta(days=until)
    frozen = policy.after_move(booking, NOW + timedelta(days=3), 5000, late=False)
    assert frozen.expires_at == (None if left is None else NOW + timedelta(days=left))


@pytest.mark.parametrize(
    ("early", "decides", "late"),
    [(timedelta(microseconds=1), False, False), (timedelta(0), False, True), (timedelta(0), True, False)],
)
def test_when_a_move_is_late(early: timedelta, decides: bool, late: bool) -> None:
    """As cancelling is: from the very instant on; for clients alone."""
    booking = agreed()
    assert policy.is_late_move(booking, booking.cancel_free_until - early, decides=decides) is late


@pytest.mark.parametrize(
    ("reason", "paid", "over"),
    [
        (PendingReason.DEPOSIT, 1999, False),
        (PendingReason.DEPOSIT, 2000, True),
        (PendingReason.APPROVAL, 2000, False),
        (None, 2000, False),
    ],
)
def test_when_a_deposit_is_waited_for_no_more(reason: PendingReason | None, paid: int, over: bool) -> None:
    """Once it is covered; what waits for approval still does."""
    booking = agreed()
    booking.pending_reason, booking.paid_amount = reason, paid
    assert policy.is_paid_for(booking) is over
