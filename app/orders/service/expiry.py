"""Unpaid orders past their time: they lapse for readers at once, and in the table when their task comes up."""

from contextlib import suppress

from app.kit.errors import NotFound
from app.orders.service import keeping
from app.orders.service.read import lock_any_order


def expire_order(order_id: int) -> None:
    """Expire an order if it is unpaid past its time; nothing happens if it is not, or not any more."""
    with suppress(NotFound):
        keeping.expire(lock_any_order(order_id))
