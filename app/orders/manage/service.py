"""What a client does to an order by its link: what it could do signed in, and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from app.kit.errors import StaleVersion
from app.kit.versions import Seen
from app.models import Order, OrderStatus, Role
from app.orders.manage.tokens import ORDER_LINKS, good_until
from app.orders.service import cancel, is_cancellable
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Managed:
    """An order, whether its client may still cancel it, and until when the link works: None while it is open."""

    order: Order
    may_cancel: bool
    link_expires_at: datetime | None


def read_managed(token: str) -> Managed:
    """Return the order that a link opens. Raises `LinkUnknown`."""
    order, _ = ORDER_LINKS.opened_by(token)
    return _managed(order)


def cancel_managed(token: str, reason: str, *, seen: Seen = None) -> Managed:
    """Cancel it as its client may. Raises `LinkUnknown` and what cancelling raises."""
    order, client = ORDER_LINKS.opened_by(token)
    by_its_client = Actor(client.id, Role.CLIENT)  # whatever else they may do when signed in
    return _managed(cancel(by_its_client, order.id, reason=reason, seen=seen))


def cancel_as_shown(token: str, version: str) -> None:
    """Cancel it as its reader has seen it; what is cancelled stays so. Raises what `cancel_managed` does."""
    order, _ = ORDER_LINKS.opened_by(token)
    try:
        cancel_managed(token, "", seen={version})
    except StaleVersion:
        if order.status is not OrderStatus.CANCELLED:
            raise


def _managed(order: Order) -> Managed:
    return Managed(order, is_cancellable(order), good_until(order))
