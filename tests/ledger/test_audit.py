"""`flask audit` reads the books beside what they are of, and names what was tampered with."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.ledger.recount import find_other_currencies
from app.models import Booking
from app.transactions import transaction
from tests.ledger.money import bill, found_wrong, give_back, pay
from tests.prepaid.bought import make_gift_card


def tampered(table: str, statement: str) -> list[str]:
    """Take the guard of a table away, run a statement, and return what is found."""
    with transaction():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for verb in ("update", "delete"):
                db.session.execute(text(f"DROP TRIGGER {table}_kept_{verb}"))
        db.session.execute(text(statement))
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    return found_wrong()


def test_what_was_done_by_the_book(booking: Booking, app: Flask) -> None:
    """Adds up, and the command says so."""
    payment = pay(booking, 4500)
    bill(booking)
    give_back(payment, 500)
    make_gift_card()
    assert found_wrong() == []
    result = app.test_cli_runner().invoke(args=["audit"])
    assert not [line for line in result.output.splitlines() if line.startswith(("ledger", "invoices"))]


def test_a_changed_entry_is_named(booking: Booking) -> None:
    payment = pay(booking, 4500)
    found = tampered("ledger_entries", "UPDATE ledger_entries SET amount = 4400")
    assert found == [f"payment {payment.id} has captured 4500; in the books it is 4400"]


def test_a_missing_entry_is_named(booking: Booking) -> None:
    refund = give_back(pay(booking, 4500), 500)
    found = tampered("ledger_entries", "DELETE FROM ledger_entries WHERE kind = 'refund'")
    assert found == [f"refund {refund.id} has given 500 back; in the books it is 0"]


def test_a_changed_invoice_is_named(booking: Booking) -> None:
    invoice = bill(booking)
    found = tampered("invoices", "UPDATE invoices SET subtotal_amount = 1, total_amount = 1")
    assert found == [
        f"invoice {invoice.id} makes 1 owed; in the books it is 4500",
        f"invoice {invoice.id} is of 1, with 0 of tax, in 1 lines; its lines make 4500, and 0, in 1",
        f"invoice {invoice.id} is of 1; what it is for costs 4500",
    ]


def test_a_missing_number_is_named(booking: Booking) -> None:
    bill(booking)
    found = tampered("invoices", "UPDATE invoices SET sequence = 2")
    assert [line.partition("-")[0] for line in found] == ["INV"]
    assert found[0].endswith("has 1 documents up to number 2; its counter is at 1")


def test_a_card_out_of_the_books_is_named(booking: Booking) -> None:
    make_gift_card(value=1000)
    found = tampered("ledger_entries", "UPDATE ledger_entries SET amount = 900")
    assert found == ["account gift_cards holds 900; what is left of them is worth 1000"]


def test_another_currency_is_named(booking: Booking, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has changed `BUSINESS_CURRENCY` after money had come."""
    pay(booking, 4500)
    assert list(find_other_currencies()) == []
    monkeypatch.setitem(app.extensions, "business", replace(app.extensions["business"], currency="EUR"))
    assert list(find_other_currencies()) == ["1 entries are in KES; BUSINESS_CURRENCY is EUR: set it back"]
    assert "ledger: 1 entries are in KES" in app.test_cli_runner().invoke(args=["audit"]).output
