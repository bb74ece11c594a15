"""Goods that come back. Payments call `take_back` where a refund comes with them."""

from collections.abc import Mapping

from app.extensions import db
from app.kit.errors import Invalid
from app.models import Order, OrderStep, ProductKind
from app.orders import queries
from app.orders.errors import InvalidTransition
from app.orders.service.read import lock_order
from app.orders.service.record import record_step
from app.products import stock
from app.security.actor import Actor


def take_back(actor: Actor, order_id: int, quantities: Mapping[int, int], *, reason: str = "") -> Order:
    """Put some of what an order has brought out of the house on the shelf again; units by product id.

    Raises `NotFound`, `InvalidTransition` where it is in the house still, `TooMuchStock`, and `Invalid` naming the
    line (`items.0.quantity`) of which less is left outside than comes back; of what is not tracked there is no shelf
    to put it on.
    """
    order = lock_order(actor, order_id)
    if not order.is_handed_over:
        raise InvalidTransition("It has not been handed over.")
    left = _left_outside(order)
    for index, (product_id, quantity) in enumerate(quantities.items()):
        if not 0 < quantity <= left.get(product_id, 0):
            raise Invalid.field(f"items.{index}.quantity", f"{left.get(product_id, 0)} can come back.")
    stock.take_back(quantities, stock.Because(actor_id=actor.id, order_id=order.id))
    record_step(order, OrderStep.RETURN, before=order.status, actor_id=actor.id, reason=reason)
    return order


def _left_outside(order: Order) -> dict[int, int]:
    """Return how many units of each product have not come back; prepaid things, and what is not tracked, never do."""
    outside = dict(db.session.execute(queries.outside_of(order.id)).all())
    return {one.product_id: outside.get(one.product_id, 0) for one in order.lines if one.kind is ProductKind.RETAIL}
