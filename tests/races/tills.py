"""Payments that races begin with, and what became of the money."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.bookings.service.record import EXPIRE_BOOKING
from app.extensions import BULK, db
from app.jobs.outbox import enqueue
from app.ledger import recount as ledger
from app.models import Allocation, Booking, BookingStatus, LedgerEntry, Payment, Refund, RefundState
from app.payments import recount as payments
from app.transactions import reading, transaction
from tests.integrations.payments.stripe_mail import signature
from tests.races.callers import Call, Caller
from tests.servers import raw_request

PAYMENTS = "/api/payments"
HOOK = f"{PAYMENTS}/webhooks/stripe"


def pays(who: Caller, thing: dict[str, object], method: str = "cash", key: str | None = None) -> Call:
    """Return the call by which somebody pays for a booking or order."""
    return Call(who, PAYMENTS, thing | {"method": method}, key=key)


def gives_back(admin: Caller, payment_id: int, amount: int) -> Call:
    """Return the call by which an admin gives some of a payment back."""
    return Call(admin, f"{PAYMENTS}/refund", {"payment_id": payment_id, "amount": {"amount": amount}, "reason": "So."})


def told(event: dict[str, Any]) -> bytes:
    """Return the request by which Stripe tells something."""
    return raw_request("POST", HOOK, json=event, headers={"Stripe-Signature": signature(json.dumps(event).encode())})


def payments_of(**thing: int) -> list[Payment]:
    """Return the payments for a booking or order, as they are now."""
    with reading():
        found = select(Payment).filter_by(**thing).order_by(Payment.id)
        return list(db.session.scalars(found.execution_options(populate_existing=True)))


def entries_of(payment_id: int) -> int:
    """Return how often the books have that a payment came."""
    with reading():
        return db.session.scalar(select(func.count()).where(LedgerEntry.payment_id == payment_id)) or 0


def refunds_of(payment_id: int) -> list[int]:
    """Return what has gone back of a payment, or goes back, refund by refund."""
    with reading():
        found = select(Refund.amount).where(Refund.payment_id == payment_id, Refund.status != RefundState.FAILED)
        return list(db.session.scalars(found.order_by(Refund.id)))


def booking_of(booking_id: int) -> tuple[BookingStatus, int]:
    """Return the status of a booking, and what it counts as paid."""
    with reading():
        found = select(Booking.status, Booking.paid_amount).where(Booking.id == booking_id)
        status, paid = db.session.execute(found).one()
        return status, paid


def let_expire(booking_id: int, at: datetime) -> None:
    """Let a booking that waits for its deposit expire at an instant, and leave the task for it."""
    with transaction():
        for kind, own in ((Booking, Booking.id), (Allocation, Allocation.booking_id)):
            db.session.execute(update(kind).where(own == booking_id).values(expires_at=at), execution_options=BULK)
        enqueue(EXPIRE_BOOKING, {"booking_id": booking_id}, due_at=at)


def wrong_money() -> list[str]:
    """Return what the audit says of payments and of the books."""
    checks = (
        payments.find_wrong_refunds,
        payments.find_miscounted,
        ledger.find_wrong_payments,
        ledger.find_wrong_refunds,
    )
    with reading():
        return [line for check in checks for line in check()]
