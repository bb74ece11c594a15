"""Files to print: they are what was asked for, with every sign that can be drawn."""

import re
import sys
import unicodedata
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from app.documents.amounts import money_text, percent_text, seller_lines
from app.documents.errors import Busy
from app.documents.invoice import render_invoice
from app.documents.receipt import PaidFor, render_receipt
from app.documents.sheet import LACKING, Sheet, turns
from app.kit.money import Money
from app.models import Invoice, InvoiceKind, InvoiceLine, Payment, PaymentMethod, Purpose
from tests.bookings.test_policy import PLAIN

NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
SHAPED = ["قص شعر نسائي", "תספורת גברים", "Стрижка", "Κούρεμα", "Ganzkörperölmassage", "Nguyễn Thị Ánh"]


def invoice(*descriptions: str, **fields: Any) -> Invoice:
    """Return an invoice of a line of 1,160 for each description."""
    lines = [
        InvoiceLine(
            position=position,
            description=description,
            quantity=1,
            unit_price_amount=1160,
            amount=1160,
            tax_rate_millionths=160_000,
            tax_amount=160,
            currency="KES",
        )
        for position, description in enumerate(descriptions)
    ]
    count = len(lines)
    amounts = {"subtotal_amount": 1000 * count, "tax_amount": 160 * count, "total_amount": 1160 * count}
    seller = {"seller_name": "Parlour", "seller_address": "Moi Avenue 12\nNairobi", "seller_country": "KE"}
    issued = {"kind": InvoiceKind.INVOICE, "year": 2026, "sequence": 1, "issued_at": NINE, "timezone": "Africa/Nairobi"}
    plain = {"reference": "BK-7F3K9Q", "client_name": "Amina", "currency": "KES", "seller_tax_number": "P05"}
    more = {"tax_inclusive": True, "paid_amount": 0, "line_count": count, "lines": lines}
    return Invoice(**(amounts | seller | issued | plain | more | fields))


def payment(**fields: Any) -> Payment:
    """Return a payment by card that has come."""
    plain = {"reference": "PY-7F3K9Q", "purpose": Purpose.DEPOSIT, "method": PaymentMethod.CARD, "settled_at": NINE}
    amounts = {"currency": "KES", "captured_amount": 4500, "refunded_amount": 0, "provider_reference": "pi_1"}
    return Payment(**(plain | amounts | fields))


def pages_of(file: bytes) -> int:
    """Return how many pages a file says it has."""
    found = re.search(rb"/Count (\d+)", file)
    assert found
    return int(found[1])


def test_an_invoice_is_a_file() -> None:
    """Of one page, with a part of the typeface and not all of it, the same each time."""
    file = render_invoice(invoice("Silk press"))
    assert file.startswith(b"%PDF-")
    assert (pages_of(file), len(file) < 60_000) == (1, True)
    assert render_invoice(invoice("Silk press")) == file
    assert render_invoice(invoice("Silk dress")) != file


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (12, 1), (30, 2), (100, 4)])
def test_it_has_as_many_pages_as_it_needs(count: int, pages: int) -> None:
    assert pages_of(render_invoice(invoice(*(f"Item {n}" for n in range(count))))) == pages


@pytest.mark.parametrize(
    "text", ["x" * 500, "long words " * 45, "", " \n ", "\N{COMBINING ACUTE ACCENT}", "😀 👩‍🦰", "مرحبا" * 80]
)
def test_whatever_a_thing_is_called(text: str) -> None:
    """A page is made: long names go on below, what cannot be drawn is a box."""
    assert pages_of(render_invoice(invoice(text, client_name=text[:400], seller_name=text[:200] or "x"))) >= 1


@pytest.mark.parametrize("text", SHAPED)
def test_scripts_that_the_typeface_has(text: str) -> None:
    with closing(Sheet("INV-1")) as sheet:
        assert (sheet.signs(text), sheet.lacks_signs) == (text, False)


def test_signs_that_it_lacks() -> None:
    """Are boxes, as many as there were signs; the foot of the page says so."""
    with closing(Sheet("INV-1")) as sheet:
        assert (sheet.signs("剪发 cut"), sheet.lacks_signs) == (f"{LACKING * 2} cut", True)
    assert len(render_invoice(invoice("剪发"))) > len(render_invoice(invoice(f"{LACKING * 2}")))


def test_signs_that_turn_the_line() -> None:
    """Are left out: a name may not write a total backwards."""
    turning = "".join(sign for sign in map(chr, range(sys.maxunicode + 1)) if unicodedata.bidirectional(sign) in BIDI)
    assert len(turning) == len(BIDI)
    for sign in turning:
        with closing(Sheet("INV-1")) as sheet:
            assert (sheet.signs(f"Ada{sign}00.1 SEK"), sheet.lacks_signs) == ("Ada00.1 SEK", False)
    assert render_invoice(invoice(f"Cut{turning}")) == render_invoice(invoice("Cut"))


@pytest.mark.parametrize("kind", InvoiceKind)
def test_all_kinds(kind: InvoiceKind) -> None:
    corrected = invoice("Cut") if kind is InvoiceKind.CREDIT_NOTE else None
    untaxed = {"tax_amount": 0, "subtotal_amount": 1160} if kind is InvoiceKind.REFUND_RECEIPT else {}
    assert pages_of(render_invoice(invoice("Cut", kind=kind, corrects=corrected, **untaxed))) == 1


@pytest.mark.parametrize("method", PaymentMethod)
def test_receipts(method: PaymentMethod) -> None:
    """Of each method; what has gone back stands on it."""
    plain = render_receipt(payment(method=method), PaidFor("BK-1", "Amina"), PLAIN)
    assert pages_of(plain) == 1
    assert render_receipt(payment(method=method, refunded_amount=500), PaidFor("BK-1", "Amina"), PLAIN) != plain
    assert pages_of(render_receipt(payment(method=method, provider_reference=None), PaidFor("OR-1"), PLAIN)) == 1


def test_they_wait_for_their_turn() -> None:
    """So many at once, and no more: the house has other things to do."""
    places = [turns.places.acquire(blocking=False) for _ in range(10)]
    assert all(places)
    try:
        with pytest.raises(Busy):
            render_invoice(invoice("Cut"))
    finally:
        for _ in places:
            turns.places.release()


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(450_000, "KES"), "KES 4,500.00"),
        (Money(5, "KES"), "KES 0.05"),
        (Money(500, "JPY"), "JPY 500"),
        (Money(1234, "KWD"), "KWD 1.234"),
        (Money(10**15, "USD"), "USD 10,000,000,000,000.00"),
    ],
)
def test_amounts(money: Money, text: str) -> None:
    """PAY-44, PAY-45: with as many decimals as the currency has."""
    assert money_text(money) == text


@pytest.mark.parametrize(
    ("millionths", "text"), [(160_000, "16 %"), (77_000, "7.7 %"), (0, "0 %"), (1_000_000, "100 %")]
)
def test_rates(millionths: int, text: str) -> None:
    assert percent_text(millionths) == text


def test_who_sells() -> None:
    """The country by its name, if it has one; no line for what there is none of."""
    assert seller_lines("Parlour", "1 High Street\nNairobi", "KE", "P05") == [
        "Parlour",
        "1 High Street",
        "Nairobi",
        "Kenya",
        "Tax number: P05",
    ]
    assert seller_lines("Parlour", "", "XX", "") == ["Parlour", "XX"]
