"""The verbs of the order room."""

from app.orders.service.create import Wanted, insert, new_order, place_order
from app.orders.service.keeping import take_stock
from app.orders.service.paid import Settlement, record_payment, record_refund
from app.orders.service.read import (
    Filters,
    ended_at,
    get_order,
    list_orders,
    load_order,
    lock_any_order,
    lock_order,
    order_history,
)
from app.orders.service.record import record_step
from app.orders.service.returns import take_back
from app.orders.service.steps import cancel, fulfil, is_cancellable

__all__ = [
    "Filters",
    "Settlement",
    "Wanted",
    "cancel",
    "ended_at",
    "fulfil",
    "get_order",
    "insert",
    "is_cancellable",
    "list_orders",
    "load_order",
    "lock_any_order",
    "lock_order",
    "new_order",
    "order_history",
    "place_order",
    "record_payment",
    "record_refund",
    "record_step",
    "take_back",
    "take_stock",
]
