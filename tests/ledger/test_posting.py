"""What each event puts into the books; and that all of them add up to nothing."""

import os
import random
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.kit import clock
from app.ledger import posting
from app.models import Booking, Order, PaymentMethod, Role
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_booking, make_product, make_service, make_staff, make_user, token_for
from tests.ledger.conftest import NINE
from tests.ledger.money import balances, bill, entries, found_wrong, give_back, pay
from tests.orders.till import sell
from tests.prepaid.bought import make_paid_order

PLACES = {
    PaymentMethod.CASH: "cash",
    PaymentMethod.CARD_TERMINAL: "card_terminal",
    PaymentMethod.CARD: "stripe",
    PaymentMethod.MPESA: "mpesa",
}


@pytest.mark.parametrize(("method", "place"), PLACES.items())
def test_money_comes_and_goes(booking: Booking, method: PaymentMethod, place: str) -> None:
    """From where it is to what is owed, and back."""
    payment = pay(booking, 4500, method)
    give_back(payment, 1500)
    give_back(payment, 3000)
    assert entries() == [
        ("payment", place, "receivable", 4500),
        ("refund", "receivable", place, 1500),
        ("refund", "receivable", place, 3000),
    ]
    assert (balances(), found_wrong()) == ({}, [])


def test_an_invoice_is_earned_and_taxed(booking: Booking, app: Flask) -> None:
    """What is left owing is what was not paid."""
    pay(booking, 4000)
    bill(booking)
    assert balances() == {"stripe": 4000, "receivable": 500, "revenue": -4500}
    assert found_wrong() == []


def test_a_payment_is_posted_once(booking: Booking) -> None:
    """PAY-11: by whatever event it is learnt twice."""
    payment = pay(booking, 4500)
    with pytest.raises(IntegrityError), transaction():
        posting.received(payment)
    assert entries() == [("payment", "stripe", "receivable", 4500)]


def test_a_late_fee_is_kept(api: Api) -> None:
    """It is owed from the cancellation on, whether it was paid or not."""
    client, terms = make_user(), {"late_cancel_fee_amount": 1000, "cancel_free_until": NINE - timedelta(days=1)}
    booking = make_booking(client, make_service(), make_staff(), NINE, **terms)
    with clock.frozen(NINE - timedelta(hours=1)):
        assert api.post(f"/api/bookings/{booking.id}/cancel", {}, token=token_for(client)).status_code == 200
    assert balances() == {"receivable": 1000, "fees_kept": -1000}
    assert found_wrong() == []


@pytest.mark.parametrize(("waived", "kept"), [(False, 700), (True, 0)])
def test_a_missed_visit(api: Api, waived: bool, kept: int) -> None:
    """Its fee is owed, unless it is waived."""
    booking = make_booking(make_user(), make_service(), make_staff(), NINE, no_show_fee_amount=700)
    with clock.frozen(NINE + timedelta(hours=1)):
        admin = token_for(make_user(Role.ADMIN))
        answer = api.post(f"/api/bookings/{booking.id}/no-show", {"waive_fee": waived}, token=admin)
    assert answer.status_code == 200
    assert balances() == ({"receivable": kept, "fees_kept": -kept} if kept else {})


def test_a_sale(api: Api) -> None:
    """Earned at once."""
    clerk, oil = make_user(Role.STAFF), make_product(5, price_amount=1500)
    sold = sell(api, clerk, (oil, 2)).json
    assert sold["invoice_id"] is not None
    assert ("invoice", "receivable", "revenue", 3000) in entries()
    assert found_wrong() == []


def test_random_events(app: Flask) -> None:
    """PAY-56: payments, refunds and invoices as they come; each account is what plain sums say.

    `LEDGER_ORDERS=1000` is the long run.
    """
    random_ = random.Random(56)  # noqa: S311  # no secret
    came, back, billed, client, oil = 0, 0, 0, make_user(), make_product(price_amount=1000)
    payments = []
    for _ in range(int(os.environ.get("LEDGER_ORDERS", "30"))):
        order: Order = make_paid_order(client, oil, quantity=random_.randint(1, 9), paid_amount=0)
        if random_.random() < 0.8:
            payments.append(pay(order, order.total_amount, random_.choice(list(PLACES))))
            came += order.total_amount
            bill(order)
            billed += order.total_amount
        for payment in random_.sample(payments, k=min(2, len(payments))):
            left = payment.captured_amount - payment.refunded_amount
            if left and random_.random() < 0.5:
                amount = random_.randint(1, left)
                give_back(payment, amount)
                db.session.refresh(payment)
                db.session.commit()
                back += amount
    found = balances()
    assert sum(found.get(place, 0) for place in PLACES.values()) == came - back
    assert (found["revenue"], found.get("receivable", 0)) == (back - billed, 0)
    assert found_wrong() == []
