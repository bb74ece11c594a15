"""Who may do what to payments of things that they can see (product.md §8). Pure."""

from app.models import Payment, PaymentMethod, Role
from app.models.payment_life import OVER_THE_COUNTER
from app.security.actor import Actor

COUNTER = (Role.STAFF, Role.ADMIN)


def may_pay(actor: Actor, client_id: int | None) -> bool:
    """Say whether the actor may pay for what is this client's: the client, staff and admins; not a space's owner."""
    return client_id == actor.id or actor.role in COUNTER


def may_go_on(actor: Actor, payment: Payment) -> bool:
    """Say whether the actor may know what a page needs to go on with a payment: its client, and whoever began it."""
    return actor.id in {payment.client_id, payment.created_by}


def may_use(actor: Actor, method: PaymentMethod) -> bool:
    """Say whether the actor may say that it was paid so: money in hand is recorded by whoever has it in hand."""
    return method not in OVER_THE_COUNTER or actor.role in COUNTER
