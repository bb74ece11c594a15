"""The one door to the books. What moves money calls one of these, once, in the transaction in which it is known.

A posting is one row for each pair of accounts, so it balances by itself; the same one twice is refused by the database.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import insert

from app.extensions import db
from app.kit.money import Money
from app.ledger import prepaid_worth
from app.ledger.events import money_returned
from app.models import Account, Booking, EntryKind, Invoice, InvoiceKind, LedgerEntry, Payment, PaymentMethod, Refund

PLACES = {
    PaymentMethod.CASH: Account.CASH,
    PaymentMethod.CARD_TERMINAL: Account.CARD_TERMINAL,
    PaymentMethod.CARD: Account.STRIPE,
    PaymentMethod.MPESA: Account.MPESA,
    PaymentMethod.GIFT_CARD: Account.GIFT_CARDS,
    PaymentMethod.PACKAGE: Account.PACKAGES,
}
"""Where the money of each method is."""


class Transfer(NamedTuple):
    """So many minor units (0: none) into the account `debit`, out of the account `credit`."""

    debit: Account
    credit: Account
    amount: int


def entries_of(
    kind: EntryKind, transfers: Iterable[Transfer], currency: str, **columns: int | None
) -> list[dict[str, object]]:
    """Return the rows of a posting; `columns` say of what it is, and whose account with us it concerns."""
    return [
        {"kind": kind, "debit": debit, "credit": credit, "amount": amount, "currency": currency, **columns}
        for debit, credit, amount in transfers
        if amount
    ]


def write(entries: Sequence[dict[str, object]]) -> None:
    """Write the rows of postings of one kind of cause, in one statement."""
    if entries:
        db.session.flush()  # what they are of
        db.session.execute(insert(LedgerEntry), entries)


def post(kind: EntryKind, transfers: Iterable[Transfer], currency: str, **columns: int | None) -> None:
    """Write one posting, as of `entries_of`."""
    write(entries_of(kind, transfers, currency, **columns))


def received(payment: Payment) -> None:
    """Post that a payment has come, which has `captured_amount`; called once, when it succeeds."""
    transfers = _into(PLACES[payment.method], payment.captured_amount)
    if payment.method is PaymentMethod.PACKAGE:
        transfers = _by_package(payment.captured_amount, prepaid_worth.of_spending(payment.reference))
    post(EntryKind.PAYMENT, transfers, payment.currency, payment_id=payment.id, **_about(payment))


def returned(refund: Refund, payment: Payment) -> None:
    """Post that money of a payment has gone back, and let its document be written; called once, when it succeeds.

    The caller holds the lock of the booking or order.
    """
    transfers = _into(PLACES[payment.method], refund.amount)
    if payment.method is PaymentMethod.PACKAGE:
        transfers = _by_package(refund.amount, prepaid_worth.of_giving_back(refund.reference))
    backwards = [Transfer(credit, debit, amount) for debit, credit, amount in transfers]
    post(EntryKind.REFUND, backwards, refund.currency, refund_id=refund.id, **_about(payment))
    money_returned.send(refund, payment=payment)


def came_back(refund: Refund, payment: Payment) -> None:
    """Post that a refund which its provider carried out has come back; called once, when that is learnt."""
    transfers = _into(PLACES[payment.method], refund.amount)
    post(EntryKind.REFUND, transfers, refund.currency, refund_id=refund.id, **_about(payment))


def invoiced(invoice: Invoice) -> None:
    """Post an invoice: it is owed, earned, and in part tax. A credit note takes that back; a receipt posts nothing."""
    if invoice.kind is InvoiceKind.REFUND_RECEIPT:
        return
    transfers = [
        Transfer(Account.RECEIVABLE, Account.REVENUE, invoice.subtotal_amount),
        Transfer(Account.RECEIVABLE, Account.TAX, invoice.tax_amount),
    ]
    kind = EntryKind.INVOICE
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        kind, transfers = EntryKind.CREDIT_NOTE, [Transfer(credit, debit, some) for debit, credit, some in transfers]
    post(kind, transfers, invoice.currency, invoice_id=invoice.id, **_about(invoice))


def owed_as_fee(booking: Booking, fee: Money) -> None:
    """Post what is kept of a booking that was cancelled late or missed: it is owed, whether it was paid or not."""
    transfers = [Transfer(Account.RECEIVABLE, Account.FEES_KEPT, fee.amount)]
    post(EntryKind.FEE, transfers, fee.currency, booking_id=booking.id)


def _into(place: Account, amount: int) -> list[Transfer]:
    return [Transfer(place, Account.RECEIVABLE, amount)]


def _by_package(amount: int, worth: int) -> list[Transfer]:
    """Return what a visit does that pays `amount`, and was paid ahead by `worth`: revenue bears the difference."""
    return [
        Transfer(Account.PACKAGES, Account.RECEIVABLE, min(amount, worth)),
        Transfer(Account.REVENUE, Account.RECEIVABLE, max(0, amount - worth)),
        Transfer(Account.PACKAGES, Account.REVENUE, max(0, worth - amount)),
    ]


def _about(thing: Payment | Invoice) -> dict[str, int | None]:
    return {"booking_id": thing.booking_id, "order_id": thing.order_id}
