"""What is done again and again about orders: what their own tasks may have missed."""

from datetime import timedelta
from typing import Final

from app.jobs.outbox import enqueue_for_each
from app.jobs.schedule import every
from app.kit.clock import utcnow
from app.orders.queries import overdue_orders
from app.orders.service.record import EXPIRE_ORDER

OVERDUE: Final = timedelta(minutes=2)
"""Each deadline has a task of its own; past it by so much, that task was lost or is late."""

BATCH: Final = 500


def connect() -> None:
    """Have it done; called once by `create_app`."""
    every(timedelta(minutes=5), "orders.expire", expire_overdue)


def expire_overdue() -> bool:
    """Leave a task for each unpaid order whose time has passed unnoticed; say whether there may be more."""
    return enqueue_for_each(overdue_orders(utcnow() - OVERDUE, BATCH), EXPIRE_ORDER, "order") == BATCH
