"""Payments and refunds as their provider is told of them."""

from app.extensions import db
from app.integrations.payments import PaymentCall, RefundCall, callback_url
from app.models import Booking, Order, Payment, PaymentCustomer, Refund, StoredCard


def call_of(payment: Payment) -> PaymentCall:
    """Return a payment as its provider is told of it."""
    card = None if payment.payment_method_id is None else db.session.get(StoredCard, payment.payment_method_id)
    client = (payment.client_id, payment.provider)
    customer = None if payment.client_id is None else db.session.get(PaymentCustomer, client)
    return PaymentCall(
        reference=payment.reference,
        amount=payment.amount,
        currency=payment.currency,
        description=_description(payment),
        provider_reference=payment.provider_reference,
        customer=None if customer is None else customer.customer,
        payment_method=None if card is None else card.token,
        phone=payment.phone,
        callback_url=callback_url(payment.provider, payment.reference),
        created_at=payment.created_at,
    )


def refund_call_of(payment: Payment, refund: Refund) -> RefundCall:
    """Return a refund as its provider is told of it."""
    return RefundCall(
        reference=refund.reference,
        amount=refund.amount,
        currency=refund.currency,
        payment_reference=payment.reference,
        payment_provider_reference=payment.provider_reference,
        reason=refund.reason,
        provider_reference=refund.provider_reference,
        attempt=refund.attempts,
    )


def _description(payment: Payment) -> str:
    """Return what whoever pays is shown."""
    if payment.booking_id is not None:
        booking = db.session.get_one(Booking, payment.booking_id)
        return f"Booking {booking.reference}"
    order = db.session.get_one(Order, payment.order_id)
    return f"Order {order.reference}"
