"""Disputes: in whatever order they are told, beside refunds or alone, the books and documents end the same."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.commands import CHECKS
from app.extensions import db
from app.jobs.worker import work_off
from app.kit.clock import frozen, utcnow
from app.models import GiftCard, Invoice, OutboxEvent, ProductKind, Refund, Role
from app.transactions import reading
from tests.factories import make_booking, make_product, make_service, make_user, make_working_staff, token_for
from tests.integrations.payments.stripe_desk import Desk, money
from tests.integrations.payments.stripe_mail import signed
from tests.ledger.money import balances

Event = dict[str, Any]
Order = Callable[[Sequence[Event]], Sequence[Event]]

ORDERS: dict[str, Order] = {
    "in order": lambda events: events,
    "backwards": lambda events: events[::-1],
    "doubled": lambda events: [*events, *events[::-1]],
}
PRICE = 4500
TAXED = {"stripe": PRICE, "revenue": -3879, "tax": -621}


@pytest.fixture(autouse=True)
def taxed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have sixteen per cent of tax in every price."""
    house = replace(app.extensions["business"], tax_rate_percent=Decimal(16))
    monkeypatch.setitem(app.extensions, "business", house)


def completed(desk: Desk) -> Any:
    """Pay for a visit, and complete it; return its payment."""
    service = make_service(price_amount=PRICE)
    begun = utcnow() - timedelta(hours=2)
    desk.booking = make_booking(desk.owner, service, make_working_staff(service), begun).id
    payment = desk.paid()
    done = desk.api.post(f"/api/bookings/{desk.booking}/complete", {}, token=token_for(make_user(Role.STAFF)))
    assert done.status_code == 200
    return payment


def card_bought(desk: Desk) -> Any:
    """Buy a gift card; return its payment."""
    card = make_product(kind=ProductKind.GIFT_CARD, card_amount=PRICE, price_amount=PRICE, valid_days=90)
    wanted = {"items": [{"product_id": card.id, "quantity": 1}], "fulfilment": "pickup"}
    order = desk.api.post("/api/orders", wanted, token=desk.client).json
    begun = desk.api.post("/api/payments", {"order_id": order["id"], "method": "card"}, token=desk.client)
    desk.enter_card(begun)
    desk.tell()
    return desk.now(begun)


def disputed(desk: Desk, payment: Any, *, won: bool) -> list[Event]:
    """Let a bank take a payment back, and decide; return what Stripe has to say of that."""
    before = len(desk.fake.events)
    desk.fake.close_dispute(desk.fake.dispute(payment["provider_reference"])["id"], won=won)
    return desk.fake.events[before:]


def tell(desk: Desk, *events: Event) -> None:
    """Hand these messages over, and let be done what follows from each."""
    for event in events:
        assert desk.post(signed(event)) == 200
        work_off()


def documents() -> list[tuple[str, int]]:
    """Return what was issued: the kind of each document, and its total."""
    with reading():
        return [(str(one.kind), one.total_amount) for one in db.session.scalars(select(Invoice).order_by(Invoice.id))]


def refunds() -> list[tuple[str, str, int]]:
    """Return all refunds: origin, state, and amount."""
    with reading():
        found = db.session.scalars(select(Refund).order_by(Refund.id)).all()
        return sorted((str(one.origin), str(one.status), one.amount) for one in found)


def found_wrong() -> list[str]:
    """Return what the audit says of money."""
    with reading():
        rooms = ("ledger", "payments", "invoices", "prepaid")
        return [line for room in rooms for check in CHECKS[room] for line in check()]


def announced() -> set[str]:
    """Return what was said aloud of refunds."""
    with reading():
        said = db.session.scalars(select(OutboxEvent.payload)).all()
        return {str(one) for one in said if "payment.refund" in str(one)}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_visit_and_a_dispute_that_is_won(desk: Desk, order: Order) -> None:
    """It is as if it had never been: no credit note, no tax given back."""
    tell(desk, *order(disputed(desk, completed(desk), won=True)))
    assert (balances(), documents()) == (TAXED, [("invoice", PRICE)])
    assert refunds() == [("dispute", "failed", PRICE)]
    assert (found_wrong(), announced(), desk.verdicts(verdict="mismatch")) == ([], set(), [])


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_visit_and_a_dispute_that_is_lost(desk: Desk, order: Order) -> None:
    """The credit note comes with the loss, once."""
    tell(desk, *order(disputed(desk, completed(desk), won=False)))
    assert (balances(), documents()) == ({}, [("invoice", PRICE), ("credit_note", PRICE)])
    assert refunds() == [("dispute", "succeeded", PRICE)]
    assert any("payment.refunded" in one for one in announced())
    assert (found_wrong(), desk.verdicts(verdict="mismatch")) == ([], [])


@pytest.mark.parametrize("won", [True, False])
def test_a_gift_card_and_every_order(desk: Desk, won: bool) -> None:
    """Won, it is good; lost, it is void: whatever is told first."""
    price, ends = (PRICE, "active") if won else (0, "void")
    for order in permutations(range(3)):
        events = disputed(desk, card_bought(desk), won=won)[-3:]
        tell(desk, *(events[place] for place in order))
        with reading():
            card = db.session.scalars(select(GiftCard).order_by(GiftCard.id.desc())).first()
            assert card is not None
            assert (card.balance, str(card.current_status)) == (price, ends), [one["type"] for one in events]
    assert found_wrong() == []


def test_a_gift_card_while_the_bank_decides(desk: Desk) -> None:
    """It cannot be used, and is not lost: what it pays is neither gone nor ours."""
    payment = card_bought(desk)
    with reading():
        code = db.session.scalars(select(GiftCard.code)).one()
    first, *_ = disputed(desk, payment, won=True)
    tell(desk, first)
    by_card = {"booking_id": desk.booking, "method": "gift_card", "code": code}
    refused = desk.api.post("/api/payments", by_card, token=desk.client)
    assert (refused.status_code, refused.json["code"]) == (409, "prepaid_disputed")
    assert desk.refund(payment, amount=money(PRICE)).status_code == 409
    assert balances() == {"stripe": PRICE, "gift_cards": -PRICE}
    tell(desk, *desk.fake.events)
    assert desk.api.post("/api/payments", by_card, token=desk.client).status_code == 201


def told(desk: Desk, events: Sequence[Event], kinds: Sequence[str]) -> None:
    """Hand what has happened over in the order of these kinds."""
    tell(desk, *(event for kind in kinds for event in events if event["type"] == kind))


OPENED = ("charge.dispute.created", "charge.dispute.funds_withdrawn")


def test_a_dispute_before_the_refund_is_known_to_have_come_back(desk: Desk) -> None:
    """It does not fit when it is told, and does as soon as the refund has failed."""
    payment = completed(desk)
    before = len(desk.fake.events)
    made = desk.fake.refund_by_hand(payment["provider_reference"], 2000)
    first = desk.fake.events[before:]
    desk.fake.settle_refund(made["id"], well=False)
    desk.fake.dispute(payment["provider_reference"])
    events = [one for one in desk.fake.events[before:] if one not in first]
    told(desk, first, ["refund.created"])
    told(desk, events, OPENED)
    assert desk.verdicts(verdict="mismatch") != []
    told(desk, first, ["charge.refunded"])
    told(desk, events, ["refund.failed", "refund.updated"])
    assert refunds() == [("dispute", "pending", PRICE), ("provider", "failed", 2000)]
    assert (desk.verdicts(verdict="mismatch"), found_wrong()) == ([], [])


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute_before_our_refund_is_refused(desk: Desk, won: bool) -> None:
    """The refund of a cancellation ends where the bank has fetched the money: nobody is asked to pay it by hand."""
    payment = desk.paid()
    desk.fake.has_money = False
    assert (
        desk.api.post(f"/api/bookings/{desk.booking}/cancel", {"reason": "ill"}, token=desk.client).status_code == 200
    )
    work_off()
    desk.fake.has_money = True
    before = len(desk.fake.events)
    dispute = desk.fake.dispute(payment["provider_reference"])
    tell(desk, *desk.fake.events[before:])
    with frozen(utcnow() + timedelta(minutes=5)):
        work_off()
    assert refunds() == [("cancellation", "failed", PRICE), ("dispute", "pending", PRICE)]
    before = len(desk.fake.events)
    desk.fake.close_dispute(dispute["id"], won=won)
    with frozen(utcnow() + timedelta(minutes=5)):
        tell(desk, *desk.fake.events[before:])
    shown = desk.api.get(f"/api/payments/{payment['id']}", token=desk.client).json
    assert shown["refunded"] == money(0 if won else PRICE)
    assert desk.fake.books[payment["reference"]] == (PRICE, 0 if won else PRICE)
    assert (desk.verdicts(verdict="mismatch"), found_wrong()) == ([], [])
    assert not any("refund_stuck" in one for one in announced())


def test_a_refund_before_the_win_is_told(desk: Desk) -> None:
    """Won, then given back in the Dashboard; the refund is told first, and fits as soon as the win is known."""
    payment = completed(desk)
    before = len(desk.fake.events)
    desk.fake.close_dispute(desk.fake.dispute(payment["provider_reference"])["id"], won=True)
    desk.fake.refund_by_hand(payment["provider_reference"], PRICE)
    events = desk.fake.events[before:]
    closed = ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    told(desk, events, [*OPENED, "refund.created", "refund.updated", "charge.refunded", *closed])
    assert refunds() == [("dispute", "failed", PRICE), ("provider", "succeeded", PRICE)]
    assert (balances(), documents()) == ({}, [("invoice", PRICE), ("credit_note", PRICE)])
    assert (desk.verdicts(verdict="mismatch"), found_wrong()) == ([], [])
