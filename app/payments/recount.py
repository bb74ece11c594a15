"""Whether payments, their refunds, and what bookings and orders count as paid, say the same."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, func, select

from app.extensions import db
from app.kit.clock import utcnow
from app.models import Booking, Order, Payment, Refund, RefundState
from app.payments import queries

LATE = timedelta(days=1)
"""An open payment is asked about at least every hour, and tasks are tried again for less than that."""


def find_wrong_refunds() -> Iterator[str]:
    """Yield a line for each payment whose refunds do not add up to what it says of them."""
    for reference, said, counted in db.session.execute(_wrong_refunds()):
        yield f"{reference} has {said} gone or going back; its refunds add up to {counted}"


def find_miscounted() -> Iterator[str]:
    """Yield a line for each booking or order that counts other money as paid than its payments brought.

    What was paid before there were payments has none, and is left out.
    """
    for found in (_miscounted_bookings(), _miscounted_orders()):
        for reference, said, counted in db.session.execute(found):
            yield f"{reference} counts {said} as paid; its payments brought {counted}"


def find_forgotten() -> Iterator[str]:
    """Yield a line for each open payment that nobody asks about any more."""
    before = utcnow() - LATE
    for _, reference in db.session.execute(queries.overdue(before)):
        yield f"{reference} is open and was not asked about for a day"


def _wrong_refunds() -> Select[*tuple[Any, ...]]:
    going = case((Refund.status != RefundState.FAILED, Refund.amount), else_=0)
    counted = _whole(func.coalesce(func.sum(going), 0))
    said = Payment.refunded_amount + Payment.refunding_amount
    joined = select(Payment.reference, said, counted).outerjoin(Refund, Refund.payment_id == Payment.id)
    return joined.group_by(Payment.id).having(said != counted).order_by(Payment.id)


def _miscounted_bookings() -> Select[*tuple[Any, ...]]:
    brought = _counted(Payment.captured_amount - Payment.refunded_amount)
    joined = select(Booking.reference, Booking.paid_amount, brought).join(Payment, Payment.booking_id == Booking.id)
    return joined.group_by(Booking.id).having(Booking.paid_amount != brought).order_by(Booking.id)


def _miscounted_orders() -> Select[*tuple[Any, ...]]:
    brought = _counted(Payment.captured_amount)
    joined = select(Order.reference, Order.paid_amount, brought).join(Payment, Payment.order_id == Order.id)
    returned = _counted(Payment.refunded_amount)
    wrong = (Order.paid_amount != brought) | (Order.refunded_amount != returned)
    return joined.group_by(Order.id).having(wrong).order_by(Order.id)


def _counted(amount: Any) -> Any:
    return _whole(func.coalesce(func.sum(case((Payment.counted, amount), else_=0)), 0))


def _whole(total: Any) -> Any:
    """Return a sum of whole numbers as one: PostgreSQL's is a decimal."""
    return cast(total, BigInteger)
