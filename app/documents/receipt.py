"""Receipts of payments as PDF files."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.documents.amounts import moment_text, money_text, seller_lines
from app.documents.sheet import TOTAL, Column, Content, Table, draw
from app.kit.business import Business
from app.kit.money import Money
from app.models import Payment, PaymentMethod, Purpose

METHODS: Final = {
    PaymentMethod.CASH: "cash",
    PaymentMethod.CARD_TERMINAL: "card, at the terminal",
    PaymentMethod.CARD: "card",
    PaymentMethod.MPESA: "M-Pesa",
    PaymentMethod.GIFT_CARD: "gift card",
    PaymentMethod.PACKAGE: "package",
}
PURPOSES: Final = {Purpose.DEPOSIT: "Deposit", Purpose.BALANCE: "Balance", Purpose.FULL: "Payment"}
COLUMNS: Final = (Column("Payment", 90, "LEFT"), Column("Amount", 30))


@dataclass(frozen=True, slots=True)
class PaidFor:
    """What a payment was for: the reference of its booking or order, and its client's name, if that is known."""

    reference: str
    client_name: str = ""


def render_receipt(payment: Payment, paid_for: PaidFor, business: Business) -> bytes:
    """Return the receipt of a payment that succeeded, as a PDF file; it says what of it has gone back by now."""
    received = payment.settled_at or payment.created_at
    what = f"{PURPOSES[payment.purpose]} for {paid_for.reference}, by {METHODS[payment.method]}"
    return draw(
        Content(
            title="Receipt",
            number=payment.reference,
            issued_at=received,
            seller=seller_lines(business.name, business.address, business.country, business.tax_number),
            client=[paid_for.client_name] if paid_for.client_name else [],
            facts=_facts(payment, paid_for, received, business),
            items=Table(COLUMNS, [(what, _shown(payment, payment.captured_amount))]),
            sums=_sums(payment),
            code=f"{payment.reference} {paid_for.reference}",
            notes=["This receipt is no invoice."],
        )
    )


def _facts(payment: Payment, paid_for: PaidFor, received: datetime, business: Business) -> list[tuple[str, str]]:
    facts = [("Received", moment_text(received, business.timezone)), ("For", paid_for.reference)]
    theirs = payment.provider_reference
    return [*facts, ("Provider's reference", theirs)] if theirs else facts


def _sums(payment: Payment) -> list[tuple[str, str]]:
    sums = {TOTAL: payment.captured_amount}
    if payment.refunded_amount:
        sums["Given back"] = payment.refunded_amount
    return [(label, _shown(payment, amount)) for label, amount in sums.items()]


def _shown(payment: Payment, amount: int) -> str:
    return money_text(Money(amount, payment.currency))
