"""`flask audit` recounts every balance, and names what was tampered with."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text, update

from app.extensions import db
from app.models import GiftCard, GiftCardMovement, Package, PrepaidStep, ProductKind
from app.prepaid import service as prepaid
from app.prepaid.service import Because
from app.transactions import transaction
from tests.factories import make_product, make_service, make_user
from tests.prepaid.bought import found_wrong, make_gift_card, make_package, make_paid_order


def audit(app: Flask) -> tuple[int, str]:
    """Run the command; return its status and what it says."""
    result = app.test_cli_runner().invoke(args=["audit"])
    return result.exit_code, result.output


def test_what_was_done_by_the_book(app: Flask) -> None:
    """Adds up."""
    client, service = make_user(), make_service()
    card = make_gift_card(value=1000)
    make_package(client, service)
    with transaction():
        prepaid.spend_gift_card(card.code, 1000, Because("PY-1"))
        prepaid.spend_package(client.id, service.id, Because("PY-2"))
        prepaid.give_back("PY-1", 500, Because("RF-1"))
        prepaid.give_back_visit("PY-2", Because("RF-2"))
    assert found_wrong() == []


@pytest.mark.parametrize("kind", [GiftCard, Package])
def test_a_changed_balance_is_named(app: Flask, kind: Any) -> None:
    """The command ends with 1, and says which."""
    thing = make_gift_card(value=5) if kind is GiftCard else make_package(make_user(), make_service(), visits=5)
    with transaction():
        db.session.execute(update(kind).values(balance=4))
    told = "gift card" if kind is GiftCard else "package"
    code, said = audit(app)
    assert code == 1
    assert f"prepaid: {told} {thing.id} has 4 left; its movements add up to 5" in said


def test_a_changed_movement_is_named(app: Flask) -> None:
    """The database refuses to change one; whoever takes the guard away is found out."""
    card = make_gift_card(value=1000)
    with transaction():
        spent = prepaid.spend_gift_card(card.code, 300, Because("PY-1"))
    with transaction():
        _without_guard("gift_card_movements")
        db.session.execute(text("UPDATE gift_card_movements SET change = -200 WHERE reference = 'PY-1'"))
    assert found_wrong() == [
        f"gift card {card.id} has 700 left; its movements add up to 800",
        f"movement {spent.id} of gift card {card.id} ends at 700, not at 1000 -200",
    ]


def test_what_was_given_back_too_often_is_named(app: Flask) -> None:
    """Also where each movement by itself is lawful, and where it went to another card."""
    card, other = make_gift_card(value=1000), make_gift_card(value=1000)
    with transaction():
        spent = prepaid.spend_gift_card(card.code, 300, Because("PY-1"))
        prepaid.spend_gift_card(other.code, 300, Because("PY-2"))
    forged = {"kind": PrepaidStep.GIVE_BACK, "change": 300, "spend_id": spent.id, "balance_after": 1000}
    with transaction():
        db.session.execute(insert(GiftCardMovement).values(prepaid_id=other.id, reference="RF-1", **forged))
        db.session.execute(update(GiftCard).where(GiftCard.id == other.id).values(balance=1000))
    assert found_wrong() == [
        f"movement {spent.id} of gift card {card.id} was given back more often than spent, or elsewhere"
    ]


def _without_guard(table: str) -> None:
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    else:
        db.session.execute(text(f"DROP TRIGGER {table}_kept_update"))


def test_a_card_that_is_worth_more_than_was_bought_is_named(app: Flask) -> None:
    """Its balance, and so its ledger, are as they were."""
    card = make_gift_card(value=1000)
    with transaction():
        db.session.execute(update(GiftCard).values(value=100_000))
    assert found_wrong() == [f"gift card {card.id} is worth 100000, which is not what was bought and issued"]


def test_cards_that_nobody_bought_or_got_are_named(app: Flask) -> None:
    """One more than the order has, with a ledger of its own; and a paid order that has issued none."""
    card = make_gift_card(value=1000)
    forged = {column.name: getattr(card, column.name) for column in GiftCard.__table__.c} | {"number": 2}
    forged |= {"id": card.id + 1, "code": "F" * len(card.code)}
    issue = {"kind": PrepaidStep.ISSUE, "prepaid_id": card.id + 1, "change": 1000, "balance_after": 1000}
    with transaction():
        db.session.execute(insert(GiftCard).values(forged))
        db.session.execute(insert(GiftCardMovement).values(issue))
    card_sold = make_product(kind=ProductKind.GIFT_CARD, price_amount=5000, card_amount=6000)
    forgotten = make_paid_order(None, card_sold, quantity=3)
    assert found_wrong() == [
        f"order {card.order_id} has issued 2 of 1: gift card",
        f"order {forgotten.id} has issued 0 of 3: gift card",
    ]
