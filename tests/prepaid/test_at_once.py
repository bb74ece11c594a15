"""The same card asked for by many threads at the same moment, each on its own connection; and a control without the
guard, which must be caught."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.kit.errors import Refusal
from app.models import GiftCard
from app.prepaid import service as prepaid
from app.prepaid.ledger import Ledger
from app.prepaid.service import Because
from app.transactions import transaction
from tests.factories import make_service, make_user
from tests.prepaid.bought import balance_of, found_wrong, make_gift_card, make_package

CALLERS = 8
ROUNDS = 5

Act = Callable[[int], Any]


def at_once(app: Flask, act: Act) -> Counter[Any]:
    """Let all callers act at the same moment; count what they were answered: a value, or a code."""
    barrier = Barrier(CALLERS)

    def call(number: int) -> Any:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    return act(number)
            except Refusal as refusal:
                return refusal.code

    with ThreadPoolExecutor(CALLERS) as pool:
        return Counter(pool.map(call, range(CALLERS)))


def spender(card: GiftCard, amount: int, reference: str = "PY-{}") -> Act:
    """Return what spends of a card, by default under a reference of each caller's own."""

    def spend(number: int) -> int:
        return prepaid.spend_gift_card(card.code, amount, Because(reference.format(number))).change

    return spend


def test_a_card_is_not_spent_twice(app: Flask) -> None:
    """Of eight who want 300 of 1,000 three get it."""
    card = make_gift_card(value=1000)
    assert at_once(app, spender(card, 300)) == {-300: 3, "insufficient_balance": 5}
    assert balance_of(card) == 100
    assert found_wrong() == []


def test_the_control_spends_more_than_there_is(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes down what it has seen, less what it takes, is caught by the audit."""

    card = make_gift_card(value=1000)

    def write_what_was_seen(ledger: Ledger[Any, Any], entry: dict[str, Any], _only_if: object) -> Any:
        left = card.value + entry["change"]
        these = update(ledger.things).where(ledger.things.id == entry["prepaid_id"])
        db.session.execute(these.values(balance=left), execution_options={"synchronize_session": False})
        movement = ledger.movements(**entry, balance_after=left)
        db.session.add(movement)
        return movement

    monkeypatch.setattr(Ledger, "_book", write_what_was_seen)
    assert at_once(app, spender(card, 300)) == {-300: CALLERS}
    assert any(f"gift card {card.id} has" in line for line in found_wrong())
    assert any("ends at 700, not at 700 -300" in line for line in found_wrong())


def test_one_reference_spends_once(app: Flask) -> None:
    """All eight are told of the one spending, also where there was enough for two."""
    for value in (300, 1000):
        card = make_gift_card(value=value)
        assert at_once(app, spender(card, 300, reference=f"PY-{value}")) == {-300: CALLERS}
        assert balance_of(card) == value - 300
    assert found_wrong() == []


def test_visits_are_not_used_twice(app: Flask) -> None:
    """Those of the package that expires first go first; who finds it empty goes on to the next."""
    client, service = make_user(), make_service()
    first, second = (make_package(client, service, visits=2, valid_days=days) for days in (10, 20))

    def visit(number: int) -> int:
        return prepaid.spend_package(client.id, service.id, Because(f"PY-{number}")).prepaid_id

    assert at_once(app, visit) == {first.id: 2, second.id: 2, "no_package": 4}
    assert found_wrong() == []


def test_one_reference_uses_one_visit(app: Flask) -> None:
    """A twin that finds the first package empty meanwhile does not take the next one's."""
    client, service = make_user(), make_service()
    first, second = (make_package(client, service, visits=1, valid_days=days) for days in (10, 20))

    def visit(_number: int) -> int:
        return prepaid.spend_package(client.id, service.id, Because("PY-1")).prepaid_id

    assert at_once(app, visit) == {first.id: CALLERS}
    assert (balance_of(first), balance_of(second)) == (0, 1)
    assert found_wrong() == []


def test_a_spending_is_given_back_once(app: Flask) -> None:
    """Eight refunds of all of it: one; and the same refund eight times: one."""
    for one_reference in (False, True):
        card = make_gift_card(value=1000)
        with transaction():
            prepaid.spend_gift_card(card.code, 600, Because(f"PY-{card.id}"))

        def give(number: int, spent: str = f"PY-{card.id}", prefix: str = f"RF-{card.id}") -> int:
            return prepaid.give_back(spent, 600, Because(f"{prefix}-{0 if one_reference else number}")).change  # noqa: B023  # within its round

        expected = {600: CALLERS} if one_reference else {600: 1, "gives_back_too_much": CALLERS - 1}
        assert at_once(app, give) == expected
        assert balance_of(card) == 1000
    assert found_wrong() == []


def test_spent_or_void(app: Flask) -> None:
    """Half spend, half take the order back: whoever is first, the others are refused."""
    for nth in range(ROUNDS):
        card = make_gift_card(value=1000)

        def act(number: int, card: GiftCard = card, nth: int = nth) -> str:
            if number % 2:
                prepaid.void_order(card.order_id, Because())
                return "void"
            prepaid.spend_gift_card(card.code, 100, Because(f"PY-{nth}-{number}"))
            return "spent"

        half = CALLERS // 2
        assert at_once(app, act) in ({"void": half, "prepaid_void": half}, {"spent": half, "prepaid_used": half})
    assert found_wrong() == []
