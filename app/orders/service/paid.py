"""What money does to an order. Payments call `record_payment`, and nothing else, when some has come."""

from enum import StrEnum

from app.kit.clock import utcnow
from app.models import FulfilmentStatus, Order, OrderStatus, OrderStep
from app.orders.events import order_paid
from app.orders.service.keeping import hand_over
from app.orders.service.read import lock_any_order
from app.orders.service.record import record_step
from app.prepaid import service as prepaid


class Settlement(StrEnum):
    """What became of the money."""

    RECORDED = "recorded"
    PAID = "paid"
    REFUND_DUE = "refund_due"


def record_payment(order_id: int, amount: int) -> Settlement:
    """Write that `amount` minor units have come for an order, and say what became of them.

    The first of them ends its expiry, also where its time is over and nobody has written that down yet. Money for what
    has given its stock back, and more than is left to pay, is to be refunded, and is not counted as paid. The caller
    calls once for each payment. Raises `NotFound`.
    """
    order = lock_any_order(order_id)
    if order.status is not OrderStatus.OPEN or amount > order.total_amount - order.paid_amount:
        return Settlement.REFUND_DUE
    before = order.status
    order.paid_amount += amount
    order.expires_at = None
    if order.is_paid:
        settle(order)
    record_step(order, OrderStep.PAY, before=before, actor_id=None)
    return Settlement.PAID if order.is_paid else Settlement.RECORDED


def record_refund(order_id: int, amount: int) -> None:
    """Write that `amount` minor units of what was counted as paid for an order have gone back. Raises `NotFound`."""
    order = lock_any_order(order_id)
    order.refunded_amount += amount
    record_step(order, OrderStep.PAY, before=order.status, actor_id=None, reason="Refunded.")


def settle(order: Order) -> None:
    """Give out what a locked order that has been paid has of packages and gift cards.

    Where there is nothing else in it, nothing is left to be handed over.
    """
    prepaid.issue_for_order(order)
    if not order.has_goods and not order.is_handed_over:
        order.fulfilment_status = FulfilmentStatus.FULFILLED
        hand_over(order, actor_id=None)
    complete_if_done(order)
    order_paid.send(order)


def complete_if_done(order: Order) -> None:
    """Complete a locked order that is paid and with its client."""
    if order.is_paid and order.fulfilment_status is FulfilmentStatus.FULFILLED:
        order.move_to(OrderStatus.COMPLETED, utcnow())
