"""`flask audit --providers` lays our books beside Stripe's, names what differs with both sides, and changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.integrations.payments.stripe import Stripe
from app.kit.clock import utcnow
from app.models import Payment
from app.transactions import transaction
from tests.integrations.payments.stripe_desk import Desk, money
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_http import Fault
from tests.payments.desk import everything

unread = pytest.mark.databases("sqlite")
"""Marks tests of what ends before our books are read."""

Audit = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def audit(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Return a function that runs this part of the command, which changes nothing: its status, and what is off."""
    monkeypatch.setattr("app.commands.CHECKS", {})

    def run(*arguments: str) -> tuple[int, list[str]]:
        before = everything()
        result = app.test_cli_runner().invoke(args=["audit", "--providers", *arguments])
        assert everything() == before
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, [line for line in result.output.splitlines() if line.startswith("providers")]

    return run


def off(line: str) -> tuple[int, list[str]]:
    """Return what the command says of one difference."""
    return 1, [f"providers: {line}"]


def named(thing: Any) -> str:
    """Return by what a payment is known to both sides."""
    return f"{thing['reference']} ({thing['provider_reference']})"


def intent_of(desk: Desk, payment: Any) -> dict[str, Any]:
    """Return what Stripe has of a payment."""
    return desk.fake.intents[payment["provider_reference"]]


def made_earlier(desk: Desk, payment: Any, days: int) -> None:
    """Let a payment have begun so many days earlier, on both sides."""
    intent_of(desk, payment)["created"] -= days * 86_400
    with transaction():
        db.session.get_one(Payment, payment["id"]).created_at -= timedelta(days=days)


def test_the_books_agree(desk: Desk, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments, refunds of ours and of the Dashboard, disputes lost and won, and what nobody paid: two at a time."""
    monkeypatch.setattr("app.integrations.payments.stripe_statement.MOST_IN_A_PAGE", 2)
    for by_hand in (100, 200, 300):
        paid = desk.paid()
        desk.refund(paid, amount=money(1000))
        desk.fake.refund_by_hand(paid["provider_reference"], by_hand)
        desk.booking = desk.new_booking()
    for won in (True, False):
        paid = desk.paid()
        desk.fake.close_dispute(desk.fake.dispute(paid["provider_reference"])["id"], won=won)
        desk.booking = desk.new_booking()
    desk.pay()
    desk.tell()
    assert audit() == (0, [])
    assert {"list_payment_intents", "list_refunds", "list_disputes"} <= {name for name, _form, _key in desk.fake.asked}
    assert len(desk.fake.calls("list_payment_intents")) == 3


def test_a_payment_that_we_have_not(desk: Desk, audit: Audit) -> None:
    """Made elsewhere with the same account, or by us and then lost here."""
    theirs = desk.fake.create_payment_intent({"amount": "4500", "currency": "kes"})
    desk.fake.pay(theirs["client_secret"])
    ours = desk.fake.create_payment_intent({"amount": "700", "currency": "usd", "metadata": {"payment": "PY-AAAAAA"}})
    desk.fake.pay(ours["client_secret"])
    code, lines = audit()
    assert code == 1
    assert sorted(lines) == sorted(
        [
            f"providers: {theirs['id']}: nothing here, 4500 KES at stripe",
            f"providers: PY-AAAAAA ({ours['id']}): nothing here, 700 USD at stripe",
        ]
    )


def test_one_of_which_nobody_told_us(desk: Desk, audit: Audit) -> None:
    begun = desk.pay()
    desk.enter_card(begun)
    assert audit() == off(f"{named(begun.json)}: nothing here, 4500 KES at stripe")


def test_one_paid_twice(desk: Desk, audit: Audit) -> None:
    """The second under our reference is no payment of ours."""
    paid = desk.paid()
    second = desk.fake.create_payment_intent(
        {"amount": "4500", "currency": "kes", "metadata": {"payment": paid["reference"]}}
    )
    desk.fake.pay(second["client_secret"])
    assert audit() == off(f"{paid['reference']} ({second['id']}): nothing here, 4500 KES at stripe")


def test_a_payment_that_it_has_not(desk: Desk, audit: Audit) -> None:
    paid = desk.paid()
    del desk.fake.intents[paid["provider_reference"]]
    assert audit() == off(f"{named(paid)}: 4500 KES here, nothing at stripe")


def test_another_amount(desk: Desk, audit: Audit) -> None:
    paid = desk.paid()
    intent_of(desk, paid)["amount_received"] = 4400
    assert audit() == off(f"{named(paid)}: 4500 KES here, 4400 KES at stripe")


def test_another_currency(desk: Desk, audit: Audit) -> None:
    paid = desk.paid()
    intent_of(desk, paid)["currency"] = "usd"
    assert audit() == off(f"{named(paid)}: 4500 KES here, 4500 USD at stripe")


def test_a_refund_that_we_have_not(desk: Desk, audit: Audit) -> None:
    """Made in the Dashboard, and no message of it came."""
    made = desk.fake.refund_by_hand(desk.paid()["provider_reference"], 500)
    assert audit() == off(f"{made['id']}: nothing here, 500 KES at stripe")


def test_a_refund_that_it_has_not(desk: Desk, audit: Audit) -> None:
    paid = desk.paid()
    made = desk.refund(paid, amount=money(1000)).json
    (name,) = desk.fake.refunds
    desk.fake.refunds.clear()
    assert audit() == off(f"{made['reference']} ({name}): 1000 KES here, nothing at stripe")


def test_a_refund_that_came_back_untold(desk: Desk, audit: Audit) -> None:
    """Its money is the business's again, at Stripe."""
    made = desk.refund(desk.paid(), amount=money(1000)).json
    (name,) = desk.fake.refunds
    desk.fake.settle_refund(name, well=False)
    assert audit() == off(f"{made['reference']} ({name}): 1000 KES here, nothing at stripe")


def test_a_dispute_that_we_have_not(desk: Desk, audit: Audit) -> None:
    made = desk.fake.dispute(desk.paid()["provider_reference"])
    assert audit() == off(f"{made['id']}: nothing here, 4500 KES at stripe")


def test_what_has_no_name_here_yet(desk: Desk, audit: Audit) -> None:
    """The answer that names it was lost: it is known by our reference."""
    desk.fake.faults = [Fault("create_refund", after=True)] * 2
    made = desk.refund(desk.paid(), amount=money(1000)).json
    assert made["status"] == "pending"
    (name,) = desk.fake.refunds
    assert audit() == off(f"{made['reference']} ({name}): nothing here, 1000 KES at stripe")


def test_since(desk: Desk, audit: Audit) -> None:
    """What began before that day is not looked at; a refund since then is, whenever it was paid."""
    paid = desk.paid()
    intent_of(desk, paid)["amount_received"] = 4400
    made_earlier(desk, paid, days=9)
    week = f"{utcnow() - timedelta(days=7):%Y-%m-%d}"
    assert audit("--since", week) == (0, [])
    assert audit("--since", f"{utcnow() - timedelta(days=12):%Y-%m-%d}")[0] == 1
    desk.refund(paid, amount=money(1000))
    assert audit("--since", week) == (0, [])
    (refund,) = desk.fake.refunds.values()
    refund["amount"] = 900
    assert audit("--since", week)[1][0].endswith(": 1000 KES here, 900 KES at stripe")


def test_what_we_heard_of_late(desk: Desk, audit: Audit) -> None:
    """A refund of the Dashboard from before that day, of a payment from before it, is not missed at Stripe."""
    paid = desk.paid()
    refund = desk.fake.refund_by_hand(paid["provider_reference"], 500)
    desk.tell()
    made_earlier(desk, paid, days=40)
    refund["created"] -= 40 * 86_400
    assert audit() == (0, [])


@unread
@pytest.mark.parametrize("of", ["list_payment_intents", "list_refunds", "list_disputes"])
def test_it_does_not_answer(desk: Desk, audit: Audit, of: str) -> None:
    """That is said, and is no agreement; also where a part of it came."""
    desk.paid()
    desk.fake.faults = [Fault(of)] * 2
    assert audit() == off("stripe does not answer (APIConnectionError): nothing was compared")


@unread
def test_our_key_is_refused(desk: Desk, audit: Audit, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.paid()
    wrong = replace(desk.fake.account, secret_key="sk_test_another")
    monkeypatch.setitem(app.extensions["payments"], "stripe", Stripe(wrong))
    assert audit() == off("stripe does not answer (AuthenticationError): nothing was compared")


def test_it_is_set_up_no_more(desk: Desk, audit: Audit, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.paid()
    monkeypatch.delitem(app.extensions["payments"], "stripe")
    assert audit() == off("stripe is not set up any more: nothing was compared")


@unread
def test_nothing_is_asked_otherwise(app: Flask, fake: StripeFake, desk: Desk) -> None:
    """Without `--providers`; and `--since` says nothing without it."""
    desk.enter_card(desk.pay())
    fake.asked.clear()
    result = app.test_cli_runner().invoke(args=["audit"])
    assert (fake.asked, "providers" in result.output) == ([], False)
    assert app.test_cli_runner().invoke(args=["audit", "--since", "2026-11-01"]).exit_code == 2
    for day in ("0001-01-01", "1970-12-31"):
        refused = app.test_cli_runner().invoke(args=["audit", "--providers", "--since", day])
        assert (refused.exit_code, "--since is a day of 1971 or later." in refused.output) == (2, True)
