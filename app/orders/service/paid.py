"""What money does to an order. Payments call `record_payment`, and nothing else, when some has come."""

from datetime import timedelta
from enum import StrEnum

from app.extensions import business
from app.kit.clock import utcnow
from app.models import FulfilmentStatus, Order, OrderStatus, OrderStep
from app.orders.events import order_paid
from app.orders.service.keeping import hand_over
from app.orders.service.read import lock_any_order
from app.orders.service.record import record_step, schedule_expiry
from app.prepaid import service as prepaid


class Settlement(StrEnum):
    """What became of the money."""

    RECORDED = "recorded"
    PAID = "paid"
    REFUND_DUE = "refund_due"


def record_payment(order_id: int, amount: int) -> Settlement:
    """Write that `amount` minor units have come for an order, and say what became of them.

    The last of it ends its expiry, also where its time is over and nobody has written that down yet; a part gives it as
    much time again, once. Money for what has given its stock back, or of which some went back before it was paid, and
    more than is left to pay, is to be refunded, and is not counted as paid. The caller calls once for each payment.
    Raises `NotFound`.
    """
    order = lock_any_order(order_id)
    left = order.total_amount - order.paid_amount - amount
    is_over = order.status is not OrderStatus.OPEN or (left and order.current_status is OrderStatus.EXPIRED)
    if is_over or left < 0 or order.refunded_amount:
        return Settlement.REFUND_DUE
    before = order.status
    order.paid_amount += amount
    if order.is_paid:
        order.expires_at = None
        settle(order)
    else:
        _give_time(order)
    record_step(order, OrderStep.PAY, before=before, actor_id=None)
    return Settlement.PAID if order.is_paid else Settlement.RECORDED


def record_refund(order_id: int, amount: int) -> None:
    """Write that `amount` minor units of what was counted as paid for an order have gone back; below 0, come back.

    Raises `NotFound`.
    """
    order = lock_any_order(order_id)
    order.refunded_amount += amount
    record_step(order, OrderStep.PAY, before=order.status, actor_id=None, reason="Refunded.")


def _give_time(order: Order) -> None:
    """Let an order that was paid in part wait for the rest: in all no longer than twice as long as for the first."""
    if order.expires_at is not None:
        more = timedelta(minutes=business.order_minutes)
        order.expires_at = max(order.expires_at, min(utcnow() + more, order.created_at + 2 * more))
        schedule_expiry(order)


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
