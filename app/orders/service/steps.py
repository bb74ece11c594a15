"""The steps of an order's life that people take, each legal from some places only (product.md §6)."""

from app.kit.clock import utcnow
from app.kit.errors import Forbidden
from app.kit.versions import Seen
from app.models import FulfilmentStatus, Order, OrderStatus, OrderStep
from app.orders.errors import InvalidTransition, OrderPaid
from app.orders.permissions import may_cancel, may_fulfil
from app.orders.service.keeping import hand_over, release
from app.orders.service.paid import complete_if_done
from app.orders.service.read import lock_order
from app.orders.service.record import record_step
from app.security.actor import Actor


def cancel(actor: Actor, order_id: int, *, reason: str = "", seen: Seen = None) -> Order:
    """Cancel, and give the stock back. Cancelling what is cancelled succeeds and changes nothing.

    Raises `NotFound`, `Forbidden`, `StaleVersion`, `InvalidTransition`, and `OrderPaid` where money has come for it.
    """
    order = lock_order(actor, order_id, seen)
    if not may_cancel(actor, order):
        raise Forbidden
    if order.status is not OrderStatus.CANCELLED:
        _require_cancellable(order)
        cancel_locked(order, actor_id=actor.id, reason=reason)
    return order


def cancel_locked(order: Order, *, actor_id: int, reason: str = "") -> None:
    """Cancel a locked order that is open, unpaid and in the house."""
    before = order.status
    order.move_to(OrderStatus.CANCELLED, utcnow())
    release(order, actor_id=actor_id)
    record_step(order, OrderStep.CANCEL, before=before, actor_id=actor_id, reason=reason)


def fulfil(actor: Actor, order_id: int, to: FulfilmentStatus, *, seen: Seen = None) -> Order:
    """Say how far an order has come: forward only. From the first step on it does not expire any more.

    Its goods leave the house with the first of `shipped` and `fulfilled`; paid and fulfilled, it is completed.
    Raises `NotFound`, `Forbidden`, `StaleVersion`, `InvalidTransition`.
    """
    order = lock_order(actor, order_id, seen)
    if not may_fulfil(actor):
        raise Forbidden
    if not order.has_goods:
        raise InvalidTransition("There is nothing in it to hand over: it is done when it is paid.")
    if not order.may_be(to, utcnow()):
        raise InvalidTransition(
            f"An order that is {order.current_status} and {order.fulfilment_status} cannot be {to}."
        )
    before, was_in_the_house = order.status, not order.is_handed_over
    order.fulfilment_status, order.expires_at = to, None
    if was_in_the_house and order.is_handed_over:
        hand_over(order, actor_id=actor.id)
    complete_if_done(order)
    record_step(order, OrderStep.FULFIL, before=before, actor_id=actor.id)
    return order


def is_cancellable(order: Order) -> bool:
    """Say whether an order can be cancelled: it is open, in the house, and no money has come for it.

    What costs nothing can be, unless it has been given out as visits or money.
    """
    return _may_be_cancelled(order) and not _is_paid_for(order)


def _require_cancellable(order: Order) -> None:
    if not _may_be_cancelled(order):
        said = f"An order that is {order.current_status} and {order.fulfilment_status} cannot be cancelled."
        raise InvalidTransition(said)
    if _is_paid_for(order):
        raise OrderPaid


def _may_be_cancelled(order: Order) -> bool:
    return order.may_move_to(OrderStatus.CANCELLED, utcnow()) and not order.is_handed_over


def _is_paid_for(order: Order) -> bool:
    return order.paid_amount > 0 or (order.is_paid and order.has_prepaid)
