"""What a paid order issues: one card or package for each unit, once."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.kit import clock
from app.kit.errors import Invalid
from app.kit.references import ALPHABET
from app.models import GiftCard, GiftCardMovement, OutboxEvent, Package, PrepaidStep, Product, ProductKind
from app.prepaid.expiry import EXPIRE_PREPAID
from app.transactions import transaction
from tests.conftest import CountStatements
from tests.factories import make_product, make_service, make_user
from tests.prepaid.bought import found_wrong, issue, make_paid_order

NOW = datetime(2030, 1, 7, 9, tzinfo=UTC)


def test_one_for_each_unit(app: Flask) -> None:
    """Each with a code of its own, what it is worth, and the first movement of its ledger."""
    client, service = make_user(), make_service()
    card = make_product(kind=ProductKind.GIFT_CARD, card_amount=5000, valid_days=10)
    package = make_product(kind=ProductKind.PACKAGE, package_service_id=service.id, package_visits=4, valid_days=20)
    with clock.frozen(NOW):
        cards, packages = issue(make_paid_order(client, card, package, make_product(3), quantity=3))
    assert [(one.number, one.value, one.balance, one.client_id) for one in cards] == [
        (number, 5000, 5000, client.id) for number in (1, 2, 3)
    ]
    assert [(one.number, one.value, one.balance, one.service_id) for one in packages] == [
        (number, 4, 4, service.id) for number in (1, 2, 3)
    ]
    assert {one.expires_at for one in cards} == {NOW + timedelta(days=10)}
    assert {one.expires_at for one in packages} == {NOW + timedelta(days=20)}
    assert {one.price.amount for one in packages} == {package.price_amount}
    codes = {one.code for one in cards}
    assert len(codes) == 3
    assert all(len(code) == 16 and set(code) <= set(ALPHABET) for code in codes)
    moved = db.session.scalars(select(GiftCardMovement)).all()
    assert [(one.kind, one.change, one.balance_after) for one in moved] == [(PrepaidStep.ISSUE, 5000, 5000)] * 3
    due = select(OutboxEvent.due_at).where(OutboxEvent.topic == EXPIRE_PREPAID).order_by(OutboxEvent.due_at)
    assert db.session.scalars(due).all() == [NOW + timedelta(days=10), NOW + timedelta(days=20)]
    assert found_wrong() == []


def test_it_is_issued_as_it_was_bought(app: Flask) -> None:
    """Whatever becomes of the product between the order and its payment."""
    product = make_product(kind=ProductKind.GIFT_CARD, card_amount=5000, name="Treat")
    package = make_product(kind=ProductKind.PACKAGE, package_visits=4, valid_days=20)
    order = make_paid_order(make_user(), product, package)
    with clock.frozen(NOW), transaction():
        for one in db.session.scalars(select(Product).execution_options(populate_existing=True)):
            one.name, one.price_amount, one.valid_days = "Other", 1, 1
        product.card_amount, package.package_visits = 1, 1
    with clock.frozen(NOW):
        (card,), (visits,) = issue(order)
    assert (card.name, card.value, card.expires_at) == ("Treat", 5000, None)
    assert (visits.value, visits.expires_at) == (4, NOW + timedelta(days=20))
    assert visits.price.amount == 1200


def test_a_second_time_it_issues_nothing_more(app: Flask) -> None:
    """Whoever asks again is told what there is."""
    order = make_paid_order(make_user(), make_product(kind=ProductKind.GIFT_CARD), quantity=2)
    first = issue(order)
    again = issue(order)
    assert [card.id for card in again.gift_cards] == [card.id for card in first.gift_cards]
    assert db.session.scalar(select(func.count(GiftCard.id))) == 2


def test_goods_alone_cost_no_statement(app: Flask, count_statements: CountStatements) -> None:
    """An order knows from its lines that there is nothing to issue."""
    order = make_paid_order(None, make_product(3))
    with count_statements() as statements:
        issued = issue(order)
    assert (issued.gift_cards, issued.packages, statements) == ([], [], [])


def test_many_cost_as_many_statements_as_few(app: Flask, count_statements: CountStatements) -> None:
    """A hundred cards are written together."""
    costs = []
    for quantity in (2, 100):
        order = make_paid_order(None, make_product(kind=ProductKind.GIFT_CARD), quantity=quantity)
        with count_statements() as statements:
            issue(order)
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_a_package_is_somebodys(app: Flask) -> None:
    """422, and nothing of the order is issued; a card needs no buyer whom we know."""
    order = make_paid_order(None, make_product(kind=ProductKind.GIFT_CARD), make_product(kind=ProductKind.PACKAGE))
    with pytest.raises(Invalid) as caught:
        issue(order)
    assert list(caught.value.errors) == ["client_id"]
    for kind in (GiftCard, Package):
        assert db.session.scalars(select(kind.id)).all() == []
    issue(make_paid_order(None, make_product(kind=ProductKind.GIFT_CARD)))
    assert db.session.scalars(select(GiftCard.client_id)).all() == [None]
