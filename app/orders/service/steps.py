"""The steps of an order's life that people take, each legal from some places only (product.md §6)."""

from app.kit.clock import utcnow
from app.kit.errors import Forbidden
from app.kit.versions import Seen
from app.models import FulfilmentStatus, Order, OrderStatus, OrderStep
from app.orders.errors import InvalidTransition
from app.orders.events import order_cancelled, order_cancelling
from app.orders.permissions import may_cancel, may_fulfil
from app.orders.service.keeping import hand_over, release
from app.orders.service.paid import complete_if_done
from app.orders.service.read import lock_order
from app.orders.service.record import record_step
from app.prepaid import service as prepaid
from app.prepaid.service import Because
from app.security.actor import Actor


def cancel(actor: Actor, order_id: int, *, reason: str = "", seen: Seen = None) -> Order:
    """Cancel, give the stock back, and what was paid. Cancelling what is cancelled succeeds and changes nothing.

    Raises `NotFound`, `Forbidden`, `StaleVersion`, `InvalidTransition`, and `PrepaidUsed` where a gift card or package
    that came with it has been used.
    """
    order = lock_order(actor, order_id, seen)
    if not may_cancel(actor, order):
        raise Forbidden
    if order.status is not OrderStatus.CANCELLED:
        if not is_cancellable(order):
            said = f"An order that is {order.current_status} and {order.fulfilment_status} cannot be cancelled."
            raise InvalidTransition(said)
        cancel_locked(order, actor_id=actor.id, reason=reason)
    return order


def cancel_locked(order: Order, *, actor_id: int, reason: str = "") -> None:
    """Cancel a locked order that is open and in the house."""
    before = order.status
    order.move_to(OrderStatus.CANCELLED, utcnow())
    record_step(order, OrderStep.CANCEL, before=before, actor_id=actor_id, reason=reason)
    if order.is_paid and order.has_prepaid:
        prepaid.void_order(order.id, Because(actor_id=actor_id, reason=reason))
    order_cancelling.send(order)
    release(order, actor_id=actor_id)
    order_cancelled.send(order)


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
    """Say whether an order can be cancelled: it is open and in the house. What was paid goes back."""
    return order.may_move_to(OrderStatus.CANCELLED, utcnow()) and not order.is_handed_over
