"""Writing payments and refunds under references that nothing else has, and locking them in the one global order."""

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.kit.errors import NotFound
from app.kit.references import new_reference
from app.models import Payment, Refund
from app.payments import queries
from app.payments.bills import Bill, lock_bill_of
from app.payments.errors import PaymentInProgress
from app.transactions import locked


def insert(row: Payment | Refund, prefix: str) -> None:
    """Write a row under a reference that nobody else has: among a million, one in a thousand is met twice.

    Raises `PaymentInProgress` where the booking or order has an open payment already.
    """
    while True:
        row.reference = new_reference(prefix)
        try:
            with db.session.begin_nested():
                db.session.add(row)
                db.session.flush()
        except IntegrityError as error:
            said = str(error.orig)
            if "booking_id" in said or "order_id" in said:
                raise PaymentInProgress.of(_in_progress(row)) from error
            if "reference" not in said:
                raise
        else:
            return


def _in_progress(row: Payment | Refund) -> Payment | None:
    """Return the open payment for the same booking or order."""
    if isinstance(row, Refund):
        return None
    column = "order_id" if row.booking_id is None else "booking_id"
    return db.session.scalars(queries.open_of_bill(column, getattr(row, column))).first()


def lock_payment(payment_id: int) -> tuple[Bill, Payment]:
    """Lock a payment's booking or order, then the payment; return both as they are now. Raises `NotFound`."""
    payment = db.session.get(Payment, payment_id)
    if payment is None:
        raise NotFound
    bill = lock_bill_of(payment)  # a payment stays with its booking or order for ever
    return bill, locked(Payment, payment_id)


def lock_refund(refund_id: int) -> tuple[Payment, Refund]:
    """Lock a refund's booking or order, its payment, then the refund. Raises `NotFound`."""
    refund = db.session.get(Refund, refund_id)
    if refund is None:
        raise NotFound
    _, payment = lock_payment(refund.payment_id)
    return payment, locked(Refund, refund_id)
