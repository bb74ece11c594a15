"""What every change of an order leaves behind: a row of history, announcements to whoever listens, and a task where a
deadline follows from it."""

from app.jobs.events import announce, announcement
from app.jobs.outbox import task_row
from app.kit.inserts import Row, row_of
from app.models import FulfilmentStatus, Order, OrderHistory, OrderStatus, OrderStep
from app.transactions import insert_rows

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
    insert_rows([_change(order, step, before, actor_id, reason)])
    for name in events_of(step, before, order):
        announce(name, order_id=order.id)


def record_creation(order: Order, *, actor_id: int) -> None:
    """Write the same of an order that was placed just now, and the task of its deadline."""
    placed = [row for name in events_of(OrderStep.CREATE, None, order) for row in announcement(name, order_id=order.id)]
    insert_rows([_change(order, OrderStep.CREATE, None, actor_id), *placed, *_expiry(order)])


def _change(order: Order, step: OrderStep, before: OrderStatus | None, actor_id: int | None, reason: str = "") -> Row:
    status = {"from_status": before, "to_status": order.status, "fulfilment_status": order.fulfilment_status}
    about = {"order_id": order.id, "actor_id": actor_id, "step": step, "reason": reason}
    return row_of(OrderHistory, about | status)


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
    insert_rows(_expiry(order))


def _expiry(order: Order) -> list[Row]:
    if order.expires_at is None:
        return []
    return [task_row(EXPIRE_ORDER, {"order_id": order.id}, due_at=order.expires_at)]
