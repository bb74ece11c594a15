"""What every change of an order leaves behind: a row of history, and a task where a deadline follows from it."""

from app.extensions import db
from app.jobs.outbox import enqueue
from app.models import Order, OrderHistory, OrderStatus, OrderStep

EXPIRE_ORDER = "order.expire"
"""The outbox topic under which an unpaid order's deadline waits; payload: `order_id`."""


def record_step(
    order: Order, step: OrderStep, *, before: OrderStatus | None, actor_id: int | None, reason: str = ""
) -> None:
    """Write who did what, from which status to which, and why. `actor_id` None is the system."""
    change = OrderHistory(
        order_id=order.id,
        actor_id=actor_id,
        step=step,
        from_status=before,
        to_status=order.status,
        fulfilment_status=order.fulfilment_status,
        reason=reason,
    )
    db.session.add(change)
    db.session.flush()


def schedule_expiry(order: Order) -> None:
    """Leave a task for the moment at which an unpaid order lapses."""
    if order.expires_at is not None:
        enqueue(EXPIRE_ORDER, {"order_id": order.id}, due_at=order.expires_at)
