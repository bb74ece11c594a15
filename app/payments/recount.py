"""Whether payments, their refunds, and what bookings and orders count as paid, say the same."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, exists, func, select

from app.extensions import db
from app.kit.clock import utcnow
from app.models import LIVING, Booking, BookingHistory, BookingStatus, Order, Payment, Refund, RefundState, Step
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


def find_overpaid() -> Iterator[str]:
    """Yield a line for each booking for which more was paid than it costs, and which never cost anything else.

    What a change has made cheaper is left out, and so is what was given up: there the fee says what is kept.
    """
    for reference, total, paid in db.session.execute(_overpaid()):
        yield f"{reference} costs {total}, and {paid} was paid for it"


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


def _overpaid() -> Select[*tuple[Any, ...]]:
    going = _counted(Payment.refunding_amount)
    changed = exists().where(
        BookingHistory.booking_id == Booking.id,
        BookingHistory.step.in_((Step.RESCHEDULE, Step.REASSIGN, Step.CHANGE)),
    )
    joined = select(Booking.reference, Booking.total_amount, Booking.paid_amount).join(
        Payment, Payment.booking_id == Booking.id
    )
    kept = joined.where(Booking.status.in_((*LIVING, BookingStatus.COMPLETED)), ~changed).group_by(Booking.id)
    return kept.having(Booking.paid_amount - going > Booking.total_amount).order_by(Booking.id)


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
