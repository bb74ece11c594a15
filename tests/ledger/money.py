"""Money for tests of the books: payments and refunds as rows, without a provider; and what the books say of them."""

from itertools import count
from typing import Any

from sqlalchemy import select

from app.bookings.service.read import load_booking
from app.extensions import db
from app.invoices import recount as invoices
from app.invoices.service import issue_for_booking, issue_for_order
from app.kit.clock import utcnow
from app.ledger import posting, recount
from app.ledger.queries import change_of
from app.models import (
    CASH,
    PREPAID,
    Account,
    Booking,
    Invoice,
    LedgerEntry,
    Order,
    Payment,
    PaymentMethod,
    PaymentState,
    Purpose,
    Refund,
    RefundOrigin,
    RefundState,
)
from app.orders.service.read import lock_any_order
from app.transactions import reading, transaction
from tests.factories import make_user

CHECKS = (
    recount.find_wrong_payments,
    recount.find_wrong_refunds,
    recount.find_wrong_invoices,
    recount.find_wrong_prepaid,
    invoices.find_gaps,
    invoices.find_wrong_totals,
    invoices.find_other_prices,
    invoices.find_credited_too_much,
)
PROVIDERS = {
    PaymentMethod.CASH: CASH,
    PaymentMethod.CARD_TERMINAL: CASH,
    PaymentMethod.CARD: "stripe",
    PaymentMethod.MPESA: "mpesa",
    PaymentMethod.GIFT_CARD: PREPAID,
    PaymentMethod.PACKAGE: PREPAID,
}

_number = count(1)


def pay(
    thing: Booking | Order,
    amount: int,
    method: PaymentMethod = PaymentMethod.CARD,
    *,
    counted: bool = True,
    **fields: Any,
) -> Payment:
    """Write a payment that has come for a booking or an order, counted there and posted in the books."""
    is_booking = isinstance(thing, Booking)
    defaults = {
        "reference": f"PY-T{next(_number):05}",
        "booking_id": thing.id if is_booking else None,
        "order_id": None if is_booking else thing.id,
        "client_id": thing.client_id,
        "purpose": Purpose.FULL,
        "method": method,
        "provider": PROVIDERS[method],
        "status": PaymentState.SUCCEEDED,
        "currency": thing.currency,
        "amount": amount,
        "captured_amount": amount,
        "counted": counted,
        "settled_at": utcnow(),
        "recorded_by": make_user().id if PROVIDERS[method] == CASH else None,
    }
    payment = Payment(**(defaults | fields))
    with transaction():
        db.session.add(payment)
        if counted:
            _count(thing, amount)
        db.session.flush()
        posting.received(payment)
    return payment


def _count(thing: Booking | Order, amount: int) -> None:
    if isinstance(thing, Booking):
        db.session.get_one(Booking, thing.id, populate_existing=True).paid_amount += amount
    else:
        db.session.get_one(Order, thing.id, populate_existing=True).paid_amount += amount


def give_back(payment: Payment, amount: int, reason: str = "", **fields: Any) -> Refund:
    """Write a refund that has succeeded, and post it, which writes its document."""
    defaults = {
        "reference": f"RF-T{next(_number):05}",
        "payment_id": payment.id,
        "status": RefundState.SUCCEEDED,
        "origin": RefundOrigin.REQUEST,
        "currency": payment.currency,
        "amount": amount,
        "reason": reason,
        "settled_at": utcnow(),
    }
    refund = Refund(**(defaults | fields))
    with transaction():
        db.session.add(refund)
        db.session.get_one(Payment, payment.id, populate_existing=True).refunded_amount += amount
        db.session.flush()
        posting.returned(refund, payment)
    return refund


def bill(thing: Booking | Order) -> Invoice:
    """Issue the invoice of a booking or an order as it is now."""
    with transaction():
        if isinstance(thing, Order):
            return issue_for_order(lock_any_order(thing.id))
        booking = load_booking(thing.id)
        assert booking is not None
        return issue_for_booking(booking)


def entries() -> list[tuple[str, str, str, int]]:
    """Return (kind, debit, credit, amount) of every entry, in the order in which they were posted."""
    columns = (LedgerEntry.kind, LedgerEntry.debit, LedgerEntry.credit, LedgerEntry.amount)
    with reading():
        found = db.session.execute(select(*columns).order_by(LedgerEntry.id)).all()
    return [(str(kind), str(debit), str(credit), amount) for kind, debit, credit, amount in found]


def balances() -> dict[str, int]:
    """Return the balance of each account that has one, debits less credits; all of them add up to nothing."""
    with reading():
        found = {str(one): db.session.execute(select(change_of(one))).scalar_one() for one in Account}
    assert sum(found.values()) == 0
    return {account: balance for account, balance in found.items() if balance}


def found_wrong() -> list[str]:
    """Return what the audit says of the books and of invoices."""
    with reading():
        return [line for check in CHECKS for line in check()]
