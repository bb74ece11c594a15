"""What the databases themselves say of the ledger and of invoices, broken on purpose."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update

from app.extensions import db
from app.models import Booking, Invoice, InvoiceKind, InvoiceLine, InvoiceSeries, LedgerEntry, Payment, Refund
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import make_booking, make_service, make_staff, make_user
from tests.ledger.money import bill, give_back, pay
from tests.models.test_constraints import refused
from tests.prepaid.bought import make_gift_card, make_package

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)
KEPT = (LedgerEntry, InvoiceLine, Invoice)


@pytest.fixture
def billed(app: Flask) -> Booking:
    """A booking of 4,500 that was paid and billed, and of which 500 went back."""
    booking = make_booking(make_user(), make_service(), make_staff(), NINE)
    payment = pay(booking, 4500)
    bill(booking)
    give_back(payment, 500)
    return booking


@each_case("model", KEPT)
def test_books_are_only_added_to(billed: Booking, model: Any) -> None:
    """No row is changed, removed, replaced, or swept away with all others."""
    table, last = model.__tablename__, select(model.id).order_by(model.id.desc()).limit(1).scalar_subquery()
    refused(update(model).values(currency="USD"), "books_append_only")
    refused(delete(model).where(model.id == last), "books_append_only")
    if db.engine.dialect.name == "postgresql":
        refused(text(f"TRUNCATE {table} CASCADE"), "books_append_only")
    else:
        refused(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"), "books_append_only")  # noqa: S608  # our own names


def entry(**values: Any) -> Any:
    """Return an insert of an entry about the payment there is, which is lawful but for `values`."""
    payment_id = db.session.scalar(select(Payment.id))
    booking_id = db.session.scalar(select(Payment.booking_id))
    plain = {"kind": "payment", "debit": "cash", "credit": "receivable", "amount": 1, "currency": "KES"}
    row = plain | {"posted_at": NINE, "payment_id": payment_id, "booking_id": booking_id} | values
    return insert(LedgerEntry).values(row | {name: text(f"'{row[name]}'") for name in ("kind", "debit", "credit")})


@each_case(
    ("values", "name"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": 10**15 + 1}, "amount"),
        ({"debit": "receivable"}, "sides"),
        ({"debit": "shoebox"}, "debit"),
        ({"credit": "shoebox"}, "credit"),
        ({"kind": "gift"}, "ck_ledger_entries_"),
        ({"kind": "refund"}, "lawful"),
        ({"kind": "invoice"}, "lawful"),
        ({"kind": "expiry"}, "lawful"),
        ({"kind": "fee"}, "cause"),
        ({"payment_id": None}, "ck_ledger_entries_"),
        ({"booking_id": None}, "receivable"),
    ],
)
def test_entries_are_lawful(billed: Booking, values: dict[str, Any], name: str) -> None:
    """Above nothing, between two accounts that there are, and of one thing that happened."""
    refused(entry(**values), name)


def test_an_entry_is_of_one_thing(billed: Booking) -> None:
    """Not of a payment and its refund, nor about a booking and an order."""
    refund_id = db.session.scalar(select(Refund.id))
    refused(entry(refund_id=refund_id), "ck_ledger_entries_cause")
    order_id = make_gift_card().order_id
    refused(entry(order_id=order_id), "ck_ledger_entries_about")


def test_what_happens_is_posted_once(billed: Booking) -> None:
    """PAY-11: a payment, a refund, an invoice, a fee, a card that is issued: the same again is refused."""
    make_gift_card()
    make_package(make_user(), make_service())
    with transaction():
        db.session.execute(entry(kind="fee", payment_id=None, debit="receivable", credit="fees_kept"))
    columns = [column.key for column in LedgerEntry.__table__.columns if column.key != "id"]
    with transaction():
        ids = list(db.session.scalars(select(LedgerEntry.id)))
    assert len(ids) == 7
    for entry_id in ids:
        twin = select(*(getattr(LedgerEntry, name) for name in columns)).where(LedgerEntry.id == entry_id)
        refused(insert(LedgerEntry).from_select(columns, twin), "ledger_entries")


def document(**values: Any) -> Any:
    """Return an insert of a receipt about the booking there is, which is lawful but for `values`."""
    booking_id = db.session.scalar(select(Booking.id))
    amounts = {"subtotal_amount": 100, "tax_amount": 0, "total_amount": 100, "paid_amount": 100, "line_count": 1}
    seller = dict.fromkeys(("seller_name", "seller_address", "seller_country", "seller_tax_number"), "")
    row = {"kind": "invoice", "year": 2030, "sequence": 99, "issued_at": NINE, "reference": "BK-1", "client_name": ""}
    more = {"booking_id": booking_id, "timezone": "UTC", "currency": "KES", "tax_inclusive": True}
    full = row | amounts | seller | more | values
    return insert(Invoice).values(full | {"kind": text(f"'{full['kind']}'")})


@each_case(
    ("values", "name"),
    [
        ({"sequence": 0}, "sequence"),
        ({"year": 1}, "year"),
        ({"total_amount": 99}, "totals"),
        ({"subtotal_amount": -1, "total_amount": -1}, "totals"),
        ({"tax_amount": -1, "total_amount": 99}, "totals"),
        ({"paid_amount": -1}, "paid"),
        ({"line_count": 0}, "line_count"),
        ({"booking_id": None}, "about"),
        ({"kind": "letter"}, "ck_invoices_"),
        ({"kind": "credit_note"}, "lawful"),
        ({"kind": "refund_receipt"}, "lawful"),
    ],
)
def test_documents_are_lawful(billed: Booking, values: dict[str, Any], name: str) -> None:
    """Each has a number, totals that add up, a booking or an order, and what its kind must have."""
    refused(document(**values), name)


def test_of_each_there_is_one(billed: Booking) -> None:
    """INV-03, INV-07: one invoice of a booking or order, one document of a refund, and no number twice."""
    refused(document(), "booking_id")
    refund_id = db.session.scalar(select(Refund.id))
    refused(document(kind="refund_receipt", refund_id=refund_id), "refund_id")
    note = db.session.execute(
        select(Invoice.year, Invoice.sequence).where(Invoice.kind == InvoiceKind.CREDIT_NOTE)
    ).one()
    invoice_id = db.session.scalar(select(Invoice.id).where(Invoice.kind == InvoiceKind.INVOICE))
    again = {"year": note.year, "sequence": note.sequence, "refund_id": refund_id, "corrects_id": invoice_id}
    refused(document(kind="credit_note", **again), "invoices")
    order_id = make_gift_card().order_id
    with transaction():
        db.session.execute(document(booking_id=None, order_id=order_id, sequence=98))
    refused(document(booking_id=None, order_id=order_id), "order_id")
    refused(document(booking_id=billed.id, order_id=order_id), "ck_invoices_about")


@each_case(
    ("values", "name"),
    [
        ({"position": 1}, "invoice_is_whole"),
        ({"position": -1}, "position"),
        ({"position": -1, "quantity": 0, "amount": 0}, "invoice_lines"),
    ],
)
def test_no_line_is_added(billed: Booking, values: dict[str, Any], name: str) -> None:
    """An invoice has its lines from the first."""
    refused(line(**values), name)


@each_case(
    ("values", "name"),
    [
        ({}, "invoice_id"),
        ({"quantity": 0, "amount": 0}, "quantity"),
        ({"unit_price_amount": -1, "amount": -1}, "quantity"),
        ({"amount": 99}, "amount"),
        ({"tax_amount": -1}, "tax"),
        ({"tax_rate_millionths": 1_000_001}, "tax"),
    ],
)
def test_lines_are_lawful(billed: Booking, values: dict[str, Any], name: str) -> None:
    """Where a line stands already there is no room for another, whatever it says."""
    refused(line(position=0, **values), name)


def line(**values: Any) -> Any:
    """Return an insert of a line of the invoice there is."""
    invoice_id = db.session.scalar(select(Invoice.id).where(Invoice.kind == InvoiceKind.INVOICE))
    plain = {"invoice_id": invoice_id, "description": "", "quantity": 1, "unit_price_amount": 5, "amount": 5}
    return insert(InvoiceLine).values(plain | {"tax_rate_millionths": 0, "tax_amount": 0, "currency": "KES"} | values)


def test_a_series_counts_once(billed: Booking) -> None:
    """Each year has one counter of each kind, which is never below nothing."""
    counter = {"kind": InvoiceKind.INVOICE, "year": db.session.scalar(select(InvoiceSeries.year)), "last": 5}
    refused(insert(InvoiceSeries).values(counter), "invoice_series")
    refused(update(InvoiceSeries).values(last=-1), "ck_invoice_series_last")
