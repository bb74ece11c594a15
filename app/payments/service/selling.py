"""The payment of a sale at the counter, which is paid when it is rung up."""

from app.extensions import db
from app.jobs.events import announce
from app.kit.clock import utcnow
from app.ledger import posting
from app.models import CASH, Order, Payment, PaymentMethod, PaymentState, Purpose
from app.payments.service.writing import insert


def pay_at_the_counter(order: Order) -> Payment | None:
    """Write that a sale, which says how and to whom, was paid; None where it costs nothing."""
    if not order.total_amount:
        return None
    assert order.sale_method is not None  # noqa: S101  # says the CHECK `sale`
    now = utcnow()
    payment = Payment(
        order_id=order.id,
        client_id=order.client_id,
        purpose=Purpose.FULL,
        method=PaymentMethod(order.sale_method),
        provider=CASH,
        status=PaymentState.PENDING,
        currency=order.currency,
        amount=order.total_amount,
        created_by=order.sold_by,
        recorded_by=order.sold_by,
        created_at=now,
    )
    payment.capture(now)
    payment.counted = True  # the sale was written as paid
    insert(payment, "PY")
    db.session.flush()
    posting.received(payment)
    announce("payment.succeeded", payment_id=payment.id)
    return payment
