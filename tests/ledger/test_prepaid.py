"""What is owed to the holders of gift cards and packages, from being issued to being spent, expired or void."""

from datetime import timedelta

import pytest
from flask import Flask

from app.kit import clock
from app.kit.clock import utcnow
from app.ledger.prepaid_worth import worth_of
from app.models import Booking, Package, PaymentMethod
from app.prepaid import service as prepaid
from app.prepaid.expiry import expire_overdue
from app.prepaid.service import Because
from app.transactions import transaction
from tests.factories import make_service, make_user
from tests.ledger.money import balances, bill, entries, found_wrong, give_back, pay
from tests.prepaid.bought import make_gift_card, make_package


def test_a_card_is_owed_until_it_is_spent(booking: Booking) -> None:
    """Whoever sold it has earned nothing yet; what is given back is owed again."""
    card = make_gift_card(value=5000)
    with transaction():
        prepaid.spend_gift_card(card.code, 4500, Because("PY-1"))
    payment = pay(booking, 4500, PaymentMethod.GIFT_CARD, reference="PY-1")
    bill(booking)
    assert entries() == [
        ("issue", "revenue", "gift_cards", 5000),
        ("payment", "gift_cards", "receivable", 4500),
        ("invoice", "receivable", "revenue", 4500),
    ]
    assert balances() == {"revenue": 500, "gift_cards": -500}
    with transaction():
        prepaid.give_back("PY-1", 4500, Because("RF-1"))
    give_back(payment, 4500, reference="RF-1")
    assert balances() == {"revenue": 5000, "gift_cards": -5000}
    assert found_wrong() == []


def test_what_is_left_of_a_card_is_ours_when_it_expires(app: Flask) -> None:
    """And is no more owed when it is made void."""
    make_gift_card(value=1000, valid_days=1)
    void = make_gift_card(value=300)
    with clock.frozen(utcnow() + timedelta(days=2)), transaction():
        expire_overdue()
    with transaction():
        prepaid.void_order(void.order_id, Because())
    assert entries()[2:] == [("expiry", "gift_cards", "breakage", 1000), ("void", "gift_cards", "revenue", 300)]
    assert balances() == {"revenue": 1000, "breakage": -1000}
    assert found_wrong() == []


@pytest.mark.parametrize("price", [10_000, 9_999, 3, 0, 50_000])
def test_a_package_is_worth_what_was_paid(booking: Booking, price: int) -> None:
    """Visit by visit, to the minor unit, whatever a visit costs; revenue bears the difference."""
    client, service = make_user(), make_service()
    package = make_package(client, service, visits=3, price_amount=price)
    for nth in range(3):
        with transaction():
            prepaid.spend_package(client.id, service.id, Because(f"PY-{nth}"))
        pay(booking, 1500, PaymentMethod.PACKAGE, counted=False, reference=f"PY-{nth}")
        assert found_wrong() == []
    found = balances()
    assert (found.get("packages", 0), found["receivable"]) == (0, -4500)
    assert found.get("revenue", 0) == 4500
    assert worth_of(package, 3) == price


def test_a_visit_that_is_given_back(booking: Booking) -> None:
    """Is worth what it was, and what is left expires."""
    client, service = make_user(), make_service()
    make_package(client, service, visits=3, price_amount=1000)
    with transaction():
        prepaid.spend_package(client.id, service.id, Because("PY-1"))
    payment = pay(booking, 400, PaymentMethod.PACKAGE, counted=False, reference="PY-1")
    with transaction():
        prepaid.give_back_visit("PY-1", Because("RF-1"))
    give_back(payment, 400, reference="RF-1")
    assert balances() == {"revenue": 1000, "packages": -1000}
    with clock.frozen(utcnow() + timedelta(days=400)), transaction():
        expire_overdue()
    assert balances() == {"revenue": 1000, "breakage": -1000}
    assert found_wrong() == []


@pytest.mark.parametrize(("price", "visits"), [(1000, 3), (1, 7), (999, 1000)])
def test_worths_add_up(price: int, visits: int) -> None:
    """Of a package, over all of its visits."""
    package = Package(price_amount=price, value=visits)
    parts = [worth_of(package, left + 1) - worth_of(package, left) for left in range(visits)]
    assert sum(parts) == price
    assert max(parts) - min(parts) <= 1
