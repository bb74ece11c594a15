"""How much is to be paid, and what for: worked out here, whatever the caller says."""

from app.kit.errors import Invalid
from app.models import Payment, Purpose
from app.payments.bills import Bill
from app.payments.errors import NothingDue, NotPayable, PaymentInProgress


def choose(bill: Bill, purpose: Purpose | None, amount: int | None, open_one: Payment | None) -> tuple[Purpose, int]:
    """Return what a payment is for, and its amount in minor units; that of `open_one` is being paid already.

    A deposit that is due is asked for first, else all that is left; an amount above the deposit is for all. Less may be
    paid, more never.
    Raises `NotPayable`, `NothingDue`, `PaymentInProgress`, `Invalid`.
    """
    if not bill.payable:
        raise NotPayable
    purpose = purpose or _next_purpose(bill, amount or 0)
    due = bill.deposit_due if purpose is Purpose.DEPOSIT else bill.balance_due
    if due <= 0:
        raise NothingDue
    left = due - (0 if open_one is None else open_one.amount)
    if left <= 0:
        raise PaymentInProgress.of(open_one)
    if amount is not None and amount > left:
        raise Invalid.field("amount", f"At most {left} is left to be paid.")
    return purpose, amount or left


def rest(bill: Bill) -> Purpose:
    """Return what a payment of all that is left is for."""
    return Purpose.BALANCE if bill.thing.paid_amount else Purpose.FULL


def _next_purpose(bill: Bill, amount: int) -> Purpose:
    return Purpose.DEPOSIT if bill.deposit_due >= max(amount, 1) else rest(bill)
