"""How orders answer to what happens in the rooms below."""

from typing import Any

from app.jobs.outbox import handles
from app.models import User
from app.orders import periodic
from app.orders.schemas import OrderChangeOut, OrderOut
from app.orders.service.clients import forget_client, hand_over_to, histories_of, orders_of
from app.orders.service.expiry import expire_order
from app.orders.service.record import EXPIRE_ORDER
from app.users.events import erasing, exporting, walk_in_claimed


def connect() -> None:
    """Listen; called once by `create_app`."""
    walk_in_claimed.connect(_on_walk_in_claimed)
    exporting.connect(_on_exporting)
    erasing.connect(_on_erasing)
    handles(EXPIRE_ORDER, _on_deadline)
    periodic.connect()


def _on_walk_in_claimed(walk_in: User, *, account: User) -> None:
    hand_over_to(walk_in.id, account.id)


def _on_exporting(user: User) -> dict[str, Any]:
    shown, changes, histories = OrderOut(), OrderChangeOut(), histories_of(user.id)
    return {
        "orders": [
            shown.dump(order) | {"history": changes.dump(histories[order.id], many=True)}
            for order in orders_of(user.id)
        ]
    }


def _on_erasing(user: User) -> None:
    forget_client(user.id)


def _on_deadline(payload: dict[str, Any]) -> None:
    expire_order(payload["order_id"])
