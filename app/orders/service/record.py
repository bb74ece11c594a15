"""What every change of an order leaves behind: a row of history, announcements to whoever listens, and a task where a
deadline follows from it."""

from app.extensions import db
from app.jobs.events import announce
from app.jobs.outbox import enqueue
from app.models import FulfilmentStatus, Order, OrderHistory, OrderStatus, OrderStep

EXPIRE_ORDER = "order.expire"
"""The outbox topic under which an unpaid order's deadline waits; payload: `order_id`."""

COMES: dict[FulfilmentStatus, str] = {
    FulfilmentStatus.READY: "order.ready",
    FulfilmentStatus.SHIPPED: "order.shipped",
    FulfilmentStatus.FULFILLED: "order.fulfilled",
}
ENDS: dict[OrderStatus, str] = {
    OrderStatus.COMPLETED: "order.completed",
    OrderStatus.CANCELLED: "order.cancelled",
    OrderStatus.EXPIRED: "order.expired",
}


def record_step(
    order: Order, step: OrderStep, *, before: OrderStatus | None, actor_id: int | None, reason: str = ""
) -> None:
    """Write who did what, from which status to which, and why; announce it. `actor_id` None is the system."""
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
    for name in events_of(step, before, order):
        announce(name, order_id=order.id)


def events_of(step: OrderStep, before: OrderStatus | None, order: Order) -> list[str]:
    """Return the names of what a step has made happen: what was done, and how the order has ended by it, if it has.

    A sale is paid and completed at once, and says both, as an order does in its time.
    """
    ended = order.status in ENDS and order.status is not before
    return [*_done(step, order), *([ENDS[order.status]] if ended else [])]


def _done(step: OrderStep, order: Order) -> list[str]:
    if step is OrderStep.CREATE:
        return ["order.placed"]
    if step is OrderStep.FULFIL:
        return [COMES[order.fulfilment_status]]
    return ["order.paid"] if step in {OrderStep.PAY, OrderStep.SELL} and order.is_paid else []


def schedule_expiry(order: Order) -> None:
    """Leave a task for the moment at which an unpaid order lapses."""
    if order.expires_at is not None:
        enqueue(EXPIRE_ORDER, {"order_id": order.id}, due_at=order.expires_at)
