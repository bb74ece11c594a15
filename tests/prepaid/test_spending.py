"""Spending, giving back, voiding, expiring: the balance is the sum of the ledger after each, and refusals change
nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.jobs import worker
from app.kit import clock
from app.kit.errors import Conflict, NotFound
from app.models import GiftCard, GiftCardMovement, Package, PrepaidStatus, PrepaidStep, Service
from app.prepaid import service as prepaid
from app.prepaid.errors import (
    GivesBackTooMuch,
    InsufficientBalance,
    NoPackage,
    PrepaidExpired,
    PrepaidUsed,
    PrepaidVoid,
    ReferenceUsed,
)
from app.prepaid.service import Because
from app.transactions import reading, transaction
from tests.cases import each_case
from tests.factories import make_service, make_user
from tests.prepaid.bought import balance_of, found_wrong, make_gift_card, make_package

NOW = datetime(2030, 1, 7, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def spend(code: str, amount: int, reference: str) -> int:
    """Spend of a gift card in a transaction of its own; return the movement's id."""
    with transaction():
        return prepaid.spend_gift_card(code, amount, Because(reference)).id


def visit(client_id: int, service: Service, reference: str) -> int:
    """Spend a visit in a transaction of its own; return the package's id."""
    with transaction():
        return prepaid.spend_package(client_id, service.id, Because(reference)).prepaid_id


def give(spend_reference: str, amount: int, reference: str) -> int:
    """Give back to a gift card in a transaction of its own; return the movement's id."""
    with transaction():
        return prepaid.give_back(spend_reference, amount, Because(reference)).id


def void(order_id: int) -> None:
    """Void what an order has issued, in a transaction of its own."""
    with transaction():
        prepaid.void_order(order_id, Because(reason="Refunded."))


def refused(why: type[Exception], act: Callable[[], object], *things: GiftCard | Package) -> None:
    """Act, which must be refused and change no balance."""
    before = [balance_of(thing) for thing in things]
    with pytest.raises(why):
        act()
    assert [balance_of(thing) for thing in things] == before


def test_a_card_is_spent_bit_by_bit(app: Flask) -> None:
    """To the last cent, and not one further; the refusal says what is left."""
    card = make_gift_card(value=1000)
    spend(card.code, 300, "PY-1")
    spend(f" {card.code[:4].lower()}-{card.code[4:8]} {card.code[8:]}", 600, "PY-2")
    assert balance_of(card) == 100
    refused(InsufficientBalance, lambda: spend(card.code, 101, "PY-3"), card)
    spend(card.code, 100, "PY-3")
    assert balance_of(card) == 0
    with pytest.raises(InsufficientBalance) as caught:
        spend(card.code, 1, "PY-4")
    assert caught.value.extra["balance"].amount == 0  # type: ignore[attr-defined]  # Money
    with reading():
        moved = db.session.execute(
            select(GiftCardMovement.kind, GiftCardMovement.change, GiftCardMovement.reference).order_by(
                GiftCardMovement.id
            )
        ).all()
    assert [tuple(one) for one in moved] == [
        (PrepaidStep.ISSUE, 1000, ""),
        (PrepaidStep.SPEND, -300, "PY-1"),
        (PrepaidStep.SPEND, -600, "PY-2"),
        (PrepaidStep.SPEND, -100, "PY-3"),
    ]
    assert found_wrong() == []


def test_a_reference_spends_once(app: Flask) -> None:
    """The same again is the first answer, also when nothing is left; anything else is refused."""
    card, other = make_gift_card(value=1000), make_gift_card(value=1000)
    first = spend(card.code, 1000, "PY-1")
    assert spend(card.code, 1000, "PY-1") == first
    refused(ReferenceUsed, lambda: spend(card.code, 999, "PY-1"), card, other)
    refused(ReferenceUsed, lambda: spend(other.code, 1000, "PY-1"), card, other)
    assert balance_of(card) == 0
    assert found_wrong() == []


@each_case("code", ["", "7F3K", "2" * 16, "0O1I0O1I0O1I0O1I", "'; DROP TABLE gift_cards", "é" * 16])
def test_an_unknown_code(app: Flask, code: str) -> None:
    """404 with the field named, whatever it looks like."""
    card = make_gift_card()
    with pytest.raises(NotFound) as caught:
        spend(code, 1, "PY-1")
    assert list(caught.value.errors) == ["code"]
    assert balance_of(card) == card.value


def test_an_expired_card_is_refused_at_once(app: Flask) -> None:
    """Before the ledger says so, and after the task has written it down."""
    with clock.frozen(NOW):
        card = make_gift_card(value=1000, valid_days=10)
        spend(card.code, 400, "PY-1")
    with clock.frozen(NOW + 10 * DAY - timedelta(seconds=1)):
        worker.work_once()
        spend(card.code, 100, "PY-2")
    with clock.frozen(NOW + 10 * DAY):
        refused(PrepaidExpired, lambda: spend(card.code, 1, "PY-3"), card)
        assert card.current_status is PrepaidStatus.EXPIRED
        assert worker.work_once() == 1
        assert balance_of(card) == 0
        refused(PrepaidExpired, lambda: spend(card.code, 1, "PY-3"), card)
    last = select(GiftCardMovement.kind, GiftCardMovement.change).order_by(GiftCardMovement.id.desc()).limit(1)
    with reading():
        assert tuple(db.session.execute(last).one()) == (PrepaidStep.EXPIRE, -500)
    assert found_wrong() == []


def test_the_package_that_expires_first_goes_first(app: Flask) -> None:
    """Then the next; those of others, of other services, and expired ones never."""
    client, service = make_user(), make_service()
    with clock.frozen(NOW):
        late, early = (make_package(client, service, visits=2, valid_days=days) for days in (90, 30))
        gone = make_package(client, service, visits=2, valid_days=1)
        strange = make_package(make_user(), service), make_package(client, make_service())
    with clock.frozen(NOW + 2 * DAY):
        used = [visit(client.id, service, f"PY-{n}") for n in range(4)]
        assert used == [early.id, early.id, late.id, late.id]
        refused(NoPackage, lambda: visit(client.id, service, "PY-5"), gone, *strange)
        assert visit(client.id, service, "PY-0") == early.id
        refused(ReferenceUsed, lambda: visit(strange[0].client_id, service, "PY-0"), *strange)
    assert [balance_of(one) for one in (early, late)] == [0, 0]
    assert found_wrong() == []


def test_what_is_given_back_can_be_spent_again(app: Flask) -> None:
    """In parts, each refund once, never more than was spent."""
    card = make_gift_card(value=1000)
    spend(card.code, 800, "PY-1")
    spend(card.code, 200, "PY-2")
    first = give("PY-1", 500, "RF-1")
    assert give("PY-1", 500, "RF-1") == first
    assert balance_of(card) == 500
    refused(ReferenceUsed, lambda: give("PY-1", 300, "RF-1"), card)
    refused(ReferenceUsed, lambda: give("PY-2", 200, "RF-1"), card)
    refused(GivesBackTooMuch, lambda: give("PY-1", 301, "RF-2"), card)
    refused(NotFound, lambda: give("PY-9", 1, "RF-2"), card)
    give("PY-1", 300, "RF-2")
    refused(GivesBackTooMuch, lambda: give("PY-1", 1, "RF-3"), card)
    spend(card.code, 800, "PY-3")
    assert balance_of(card) == 0
    assert found_wrong() == []


@pytest.mark.parametrize("written", [True, False], ids=["written", "not written yet"])
def test_what_is_given_back_lasts_another_month(app: Flask, *, written: bool) -> None:
    """Also where the card has expired by then; what was left of it before stays gone. Then it expires for good."""
    with clock.frozen(NOW):
        card = make_gift_card(value=1000, valid_days=10)
        spend(card.code, 400, "PY-1")
    with clock.frozen(NOW + 20 * DAY):
        if written:
            worker.work_once()
        give("PY-1", 400, "RF-1")
        assert balance_of(card) == 400
    with clock.frozen(NOW + 49 * DAY):
        worker.work_once()
        spend(card.code, 300, "PY-2")
    with clock.frozen(NOW + 50 * DAY):
        worker.work_once()
        assert balance_of(card) == 0
        refused(PrepaidExpired, lambda: spend(card.code, 100, "PY-3"), card)
    assert found_wrong() == []


def test_a_card_for_ever_stays_one(app: Flask) -> None:
    """Giving back gives it no end."""
    card = make_gift_card(value=1000)
    spend(card.code, 400, "PY-1")
    give("PY-1", 400, "RF-1")
    with reading():
        assert db.session.get_one(GiftCard, card.id, populate_existing=True).expires_at is None


def test_a_visit_comes_back(app: Flask) -> None:
    """Once, and to the package that it came from."""
    client, service = make_user(), make_service()
    package = make_package(client, service, visits=1)
    visit(client.id, service, "PY-1")
    for _ in range(2):
        with transaction():
            prepaid.give_back_visit("PY-1", Because("RF-1"))
    assert balance_of(package) == 1
    with pytest.raises(GivesBackTooMuch), transaction():
        prepaid.give_back_visit("PY-1", Because("RF-2"))
    assert visit(client.id, service, "PY-2") == package.id
    assert found_wrong() == []


def test_an_order_is_taken_back_whole_or_not_at_all(app: Flask) -> None:
    """What was used in part stays; void cards are spent no more, and nothing comes back on them."""
    client, service = make_user(), make_service()
    card, package = make_gift_card(client), make_package(client, service)
    spend(card.code, 1, "PY-1")
    refused(PrepaidUsed, lambda: void(card.order_id), card)
    for _ in range(2):
        void(package.order_id)
    assert balance_of(package) == 0
    refused(NoPackage, lambda: visit(client.id, service, "PY-2"), package)
    give("PY-1", 1, "RF-1")
    void(card.order_id)
    refused(PrepaidVoid, lambda: spend(card.code, 1, "PY-3"), card)
    assert found_wrong() == []


def test_an_expired_one_is_not_taken_back(app: Flask) -> None:
    """Its money is gone as if it had been used."""
    with clock.frozen(NOW):
        card = make_gift_card(valid_days=1)
    with clock.frozen(NOW + DAY):
        refused(PrepaidUsed, lambda: void(card.order_id), card)


def test_what_rolls_back_was_never_spent(app: Flask) -> None:
    """A payment that fails after it takes its spending with it, and may use its reference again."""
    card = make_gift_card(value=1000)

    def fail_later() -> None:
        with transaction():
            prepaid.spend_gift_card(card.code, 1000, Because("PY-1"))
            raise Conflict

    refused(Conflict, fail_later, card)
    assert balance_of(card) == 1000
    spend(card.code, 500, "PY-1")
    assert balance_of(card) == 500
