"""What the databases themselves say of payments, refunds, messages and cards, broken on purpose."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Insert, insert, update

from app.extensions import db
from app.models import (
    PREPAID,
    Booking,
    Payment,
    PaymentCustomer,
    PaymentMethod,
    PaymentState,
    ProviderEvent,
    Refund,
    RefundOrigin,
    RefundState,
    StoredCard,
    User,
    Verdict,
)
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import make_booking, make_payment, make_service, make_staff, make_user
from tests.models.test_constraints import refused, refused_by_database
from tests.prepaid.bought import make_paid_order

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)
OPEN = {"status": PaymentState.PENDING, "provider": "stripe", "method": PaymentMethod.CARD, "next_check_at": NINE}


@pytest.fixture
def booking(app: Flask) -> Booking:
    """A booking of 4,500."""
    return make_booking(make_user(), make_service(), make_staff(), NINE)


@pytest.fixture
def paid(booking: Booking) -> Payment:
    """A payment of all of it, in cash."""
    return make_payment(booking)


@each_case(
    ("values", "name"),
    [
        ({"booking_id": None}, "one_thing"),
        ({"amount": 0}, "amounts"),
        ({"captured_amount": 4501}, "amounts"),
        ({"refunded_amount": -1}, "refunded"),
        ({"refunding_amount": -1}, "refunded"),
        ({"refunded_amount": 4501}, "refunded"),
        ({"refunded_amount": 4000, "refunding_amount": 501}, "refunded"),
        ({"captured_amount": 0}, "captured"),
        ({"settled_at": None}, "captured"),
        ({"status": PaymentState.FAILED}, "captured"),
        ({"status": PaymentState.FAILED, "captured_amount": 0, "settled_at": None, "counted": True}, "counted"),
        ({"next_check_at": NINE}, "next_check"),
        ({"status": PaymentState.PENDING, "captured_amount": 0, "settled_at": None}, "next_check"),
        ({"checks": -1}, "checks"),
        ({"recorded_by": None}, "recorded"),
        ({"provider": "stripe", "method": PaymentMethod.CARD}, "recorded"),
        ({"provider": "stripe", "recorded_by": None}, "cash"),
        ({"provider": PREPAID, "method": PaymentMethod.CARD, "recorded_by": None}, "prepaid"),
        ({"method": PaymentMethod.GIFT_CARD}, "prepaid"),
        ({"failure_code": "no"}, "failure"),
    ],
)
def test_unlawful_payments(paid: Payment, values: dict[str, Any], name: str) -> None:
    refused(update(Payment).values(values), f"ck_payments_{name}")


def test_a_payment_is_for_one_thing(paid: Payment) -> None:
    order = make_paid_order(None)
    refused(update(Payment).values(order_id=order.id), "ck_payments_one_thing")


@pytest.mark.parametrize("thing", ["booking", "order"])
def test_one_payment_is_open(booking: Booking, thing: str) -> None:
    """Of each booking and order; of those that ended there may be as many as you like."""
    what = booking if thing == "booking" else make_paid_order(None, total_amount=5, subtotal_amount=5, paid_amount=5)
    first = make_payment(what, **OPEN)
    copied = {column.name: getattr(first, column.name) for column in Payment.__table__.columns if column.name != "id"}
    refused(insert(Payment).values(copied | {"reference": "PY-2"}), f"{thing}_id")
    done = {"status": PaymentState.FAILED, "next_check_at": None}
    with transaction():
        db.session.execute(insert(Payment).values(copied | done | {"reference": "PY-2"}))


def test_names_are_unique(booking: Booking, paid: Payment) -> None:
    """Ours, and those of each provider; of callbacks too."""
    made = make_payment(booking, provider="stripe", method=PaymentMethod.CARD, provider_reference="pi_1")
    other = make_payment(booking, provider="stripe", method=PaymentMethod.CARD, callback_hash="0" * 64)
    these = update(Payment).where(Payment.id == other.id)
    refused(these.values(reference=made.reference), "reference")
    refused(these.values(provider_reference="pi_1"), "provider_reference")
    refused(update(Payment).where(Payment.id == made.id).values(callback_hash="0" * 64), "callback_hash")


@pytest.mark.parametrize("column", ["method", "purpose"])
def test_words_of_payments(paid: Payment, column: str) -> None:
    assert f"ck_payments_{column}" in str(refused_by_database("payments", {column: "else"}).value.orig)


@pytest.fixture
def refund(paid: Payment) -> Refund:
    """A refund of 100 that is pending."""
    row = Refund(payment_id=paid.id, reference="RF-1", origin=RefundOrigin.REQUEST, currency="KES", amount=100)
    with transaction():
        db.session.add(row)
    return row


@each_case(
    ("values", "name"),
    [
        ({"amount": 0}, "amount"),
        ({"attempts": -1}, "attempts"),
        ({"settled_at": NINE}, "settled"),
        ({"status": RefundState.SUCCEEDED}, "settled"),
        ({"failure_message": "No."}, "failure"),
        ({"status": RefundState.FAILED, "settled_at": NINE}, "failed"),
    ],
)
def test_unlawful_refunds(refund: Refund, values: dict[str, Any], name: str) -> None:
    refused(update(Refund).values(values), f"ck_refunds_{name}")


def test_refunds_are_told_apart(refund: Refund) -> None:
    def another(**values: Any) -> Insert:
        row = {"payment_id": refund.payment_id, "origin": RefundOrigin.REQUEST, "currency": "KES", "amount": 1}
        return insert(Refund).values(row | {"reference": "RF-2", "reason": ""} | values)

    with transaction():
        db.session.execute(update(Refund).values(provider_reference="re_1"))
    refused(another(reference="RF-1"), "reference")
    refused(another(provider_reference="re_1"), "provider_reference")
    assert "ck_refunds_origin" in str(refused_by_database("refunds", {"origin": "else"}).value.orig)


def test_messages(app: Flask) -> None:
    """Each is kept once, and has its verdict when it was applied."""
    row = {"provider": "stripe", "event_id": "evt_1", "kind": "event", "proof": {}, "raw": {}, "detail": ""}
    with transaction():
        db.session.execute(insert(ProviderEvent).values(row))
    refused(insert(ProviderEvent).values(row), "event_id")
    refused(update(ProviderEvent).values(verdict=Verdict.APPLIED), "ck_provider_events_verdict_at")
    refused(update(ProviderEvent).values(applied_at=NINE), "ck_provider_events_verdict_at")
    wrong = {"verdict": "else", "applied_at": "2030-01-07 09:00:00.000000"}
    assert "ck_provider_events_verdict" in str(refused_by_database("provider_events", wrong).value.orig)


def test_cards_and_customers(app: Flask) -> None:
    user: User = make_user()
    card = {"user_id": user.id, "provider": "stripe", "token": "pm_1", "brand": "visa", "last4": "4242"}
    with transaction():
        db.session.execute(insert(StoredCard).values(card | {"exp_month": 1, "exp_year": 2030}))
        db.session.execute(insert(PaymentCustomer).values(user_id=user.id, provider="stripe", customer="cus_1"))
    refused(insert(StoredCard).values(card | {"exp_month": 1, "exp_year": 2030}), "token")
    refused(update(StoredCard).values(last4="1"), "ck_payment_methods_last4")
    refused(update(StoredCard).values(exp_month=13), "ck_payment_methods_expiry")
    refused(update(StoredCard).values(exp_year=30), "ck_payment_methods_expiry")
    customer = {"user_id": make_user().id, "provider": "stripe", "customer": "cus_1"}
    refused(insert(PaymentCustomer).values(customer), "customer")
    refused(insert(PaymentCustomer).values(customer | {"user_id": user.id, "customer": "cus_2"}), "payment_customers")
