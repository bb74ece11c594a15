"""Whether the books say what payments, refunds, invoices, gift cards and packages say."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import business, db
from app.ledger.queries import change_of
from app.models import Account, GiftCard, Invoice, InvoiceKind, LedgerEntry, Package, Payment, Refund, RefundState

Things = type[Payment] | type[Refund] | type[Invoice]


def find_wrong_payments() -> Iterator[str]:
    """Yield a line for each payment that has another amount in the books than it has captured."""
    posted = _unlike(Payment, Payment.captured_amount, LedgerEntry.payment_id)
    for payment_id, amount, booked in db.session.execute(posted):
        yield f"payment {payment_id} has captured {amount}; in the books it is {-booked}"


def find_wrong_refunds() -> Iterator[str]:
    """Yield a line for each refund that has another amount in the books than it has given back."""
    due = case((Refund.status == RefundState.SUCCEEDED, Refund.amount), else_=0)
    for refund_id, amount, booked in db.session.execute(_unlike(Refund, -due, LedgerEntry.refund_id)):
        yield f"refund {refund_id} has given {-amount} back; in the books it is {booked}"


def find_wrong_invoices() -> Iterator[str]:
    """Yield a line for each document by which, in the books, another amount is owed than it says."""
    sign = case((Invoice.kind == InvoiceKind.INVOICE, -1), (Invoice.kind == InvoiceKind.CREDIT_NOTE, 1), else_=0)
    for invoice_id, amount, booked in db.session.execute(
        _unlike(Invoice, Invoice.total_amount * sign, LedgerEntry.invoice_id)
    ):
        yield f"invoice {invoice_id} makes {-amount} owed; in the books it is {booked}"


def find_wrong_prepaid() -> Iterator[str]:
    """Yield a line where the books hold more or less for gift cards or packages than what is left on them is worth."""
    left = Package.price_amount - Package.price_amount * (Package.value - Package.balance) // Package.value
    for account, worth in ((Account.GIFT_CARDS, GiftCard.balance), (Account.PACKAGES, left)):
        held = -db.session.execute(select(change_of(account))).scalar_one()
        due = db.session.execute(select(func.coalesce(cast(func.sum(worth), BigInteger), 0))).scalar_one()
        if held != due:
            yield f"account {account} holds {held}; what is left of them is worth {due}"


def find_other_currencies() -> Iterator[str]:
    """Yield a line for each currency in the books that is not the business's: it was changed after money had come."""
    found = select(LedgerEntry.currency, func.count()).where(LedgerEntry.currency != business.currency)
    for currency, count in db.session.execute(found.group_by(LedgerEntry.currency).order_by(LedgerEntry.currency)):
        yield f"{count} entries are in {currency}; BUSINESS_CURRENCY is {business.currency}: set it back"


def _unlike(
    things: Things, paid: ColumnElement[int] | InstrumentedAttribute[int], cause: InstrumentedAttribute[int | None]
) -> Select[*tuple[Any, ...]]:
    """Select (id, what a thing pays of what is owed, what its entries add to that) where the two do not cancel out."""
    booked = select(cause.label("id"), change_of(Account.RECEIVABLE).label("amount")).where(cause.is_not(None))
    sums = booked.group_by(cause).subquery()
    amount = func.coalesce(sums.c.amount, 0)
    found = select(things.id, paid, amount).outerjoin(sums, sums.c.id == things.id)
    return found.where(paid != -amount).order_by(things.id)
