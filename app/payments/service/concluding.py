"""What was paid for a booking or order that is given up goes back by itself, but for what is kept of it."""

from collections.abc import Sequence

from app.extensions import db
from app.models import Payment, PaymentMethod, RefundOrigin
from app.payments import queries
from app.payments.service.applying import check_soon
from app.payments.service.refunding import Reason, give_back


def give_back_all_but(kept: int, column: str, thing_id: int, reason: Reason) -> None:
    """Give back what a locked booking or order (named by a payment's `column`) counts as paid, but for `kept` of it.

    The newest goes back first; a visit of a package goes back whole, or stays. What is being paid is given up.
    """
    payments = db.session.scalars(queries.locked(queries.of_bill(column, thing_id))).all()
    for payment in payments:
        if payment.is_open:
            check_soon(payment)
    left = sum(payment.refundable_amount for payment in payments if payment.counted) - kept
    for payment in _in_turn(payments):
        amount = min(left, payment.refundable_amount)
        if amount > 0 and (amount == payment.captured_amount or payment.method is not PaymentMethod.PACKAGE):
            give_back(payment, amount, reason)
            left -= amount
    db.session.flush()


def cancelled(words: str) -> Reason:
    """Return the reason of what goes back because a booking or order is given up."""
    return Reason(RefundOrigin.CANCELLATION, words)


def _in_turn(payments: Sequence[Payment]) -> list[Payment]:
    counted = [payment for payment in payments if payment.counted]
    return sorted(counted, key=lambda one: (one.method is PaymentMethod.PACKAGE, -one.id))
