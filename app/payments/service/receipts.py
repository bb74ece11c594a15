"""Receipts: what was received, for what, and from whom."""

from dataclasses import dataclass

from app.extensions import business, db
from app.kit.errors import NotFound
from app.models import Booking, Order, Payment, PaymentState, User
from app.payments.service.read import get_payment
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment that has come; `reference` is that of its booking or order, `business` the name of the house."""

    payment: Payment
    reference: str
    client_name: str
    business: str


def receipt_of(actor: Actor, payment_id: int) -> Receipt:
    """Return the receipt of a visible payment that has come. Raises `NotFound`."""
    payment = get_payment(actor, payment_id)
    if payment.status is not PaymentState.SUCCEEDED:
        raise NotFound
    client = None if payment.client_id is None else db.session.get_one(User, payment.client_id)
    return Receipt(payment, _reference_of(payment), client.name if client else "", business.name)


def _reference_of(payment: Payment) -> str:
    if payment.booking_id is not None:
        return db.session.get_one(Booking, payment.booking_id).reference
    return db.session.get_one(Order, payment.order_id).reference
