"""Who may do what to an order that they can see (product.md §8). Pure."""

from app.models import Order, Role
from app.security.actor import Actor

SELLERS = (Role.STAFF, Role.ADMIN)


def may_order_for_others(actor: Actor) -> bool:
    """Say whether the actor may name a client other than itself."""
    return actor.role in SELLERS


def may_fulfil(actor: Actor) -> bool:
    """Say whether the actor may say how far an order has come."""
    return actor.role in SELLERS


def may_cancel(actor: Actor, order: Order) -> bool:
    """Say whether the actor may cancel: its client, and admins."""
    return order.client_id == actor.id or actor.role is Role.ADMIN
