"""What clients are told of their orders, and the gift cards that these have brought."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.extensions import business, db
from app.kit.clock import utcnow
from app.kit.money import Money
from app.models import FulfilmentStatus, GiftCard, Notification, Order, OrderStatus, PrepaidStatus, ProductKind, User
from app.notifications.notice import Facts, Notice
from app.orders.manage.tokens import ORDER_LINKS
from app.orders.service import is_cancellable, load_order
from app.payments.bills import returned_of
from app.prepaid.queries import of_order
from app.prepaid.showing import code_of

ORDER = "order"

IsSo = Callable[[Order, datetime], bool]


def client_of(order_id: int) -> Sequence[User]:
    """Return the client; nobody is known of some sales."""
    order = load_order(order_id)
    return [] if order is None or order.client is None else [order.client]


def buyer_of(order_id: int) -> Sequence[User]:
    """Return the client of an order with gift cards in it."""
    order = load_order(order_id)
    if order is None or all(line.kind is not ProductKind.GIFT_CARD for line in order.lines):
        return []
    return client_of(order_id)


def has_become(status: OrderStatus) -> IsSo:
    """Return whether an order is in a status."""
    return lambda order, now: order.status_at(now) is status


def has_come(fulfilment: FulfilmentStatus) -> IsSo:
    """Return whether an order is open, and has come just so far."""
    return lambda order, now: order.status_at(now) is OrderStatus.OPEN and order.fulfilment_status is fulfilment


def stands(order: Order, now: datetime) -> bool:
    """Say whether it is to be had, or has been."""
    return order.status_at(now) in {OrderStatus.OPEN, OrderStatus.COMPLETED}


def telling(is_so: IsSo) -> Callable[[Notification, User], Facts | None]:
    """Return the facts of an order for its client as long as something is so."""

    def tell(notification: Notification, client: User) -> Facts | None:
        order = load_order(notification.about_id or 0)
        if order is None or order.client_id != client.id or not is_so(order, utcnow()):
            return None
        return Facts(words_for(order), (ORDER_LINKS.url_of(order, client),))

    return tell


def giving(notification: Notification, client: User) -> Facts | None:
    """Return the codes of an order's gift cards that may still be spent, for whoever has paid for them."""
    order = load_order(notification.about_id or 0)
    if order is None or order.client_id != client.id:
        return None
    cards = [card for card in db.session.scalars(of_order(GiftCard, order.id)) if _is_good(card)]
    words = {"order": order, "cards": [_card(card) for card in cards], "zone": _zone()}
    return Facts(words, (ORDER_LINKS.url_of(order, client),)) if cards else None


def words_for(order: Order) -> dict[str, Any]:
    """Return what the words of an order may speak of."""
    amounts = {"subtotal": order.subtotal_amount, "tax": order.tax_amount, "paid": order.paid_amount}
    return {
        "order": order,
        "lines": [_line(line.quantity, line.name, Money(line.total_amount, line.currency)) for line in order.lines],
        "address": order.address or "",
        "left": Money(order.total_amount - order.paid_amount, order.currency),
        "returned": returned_of(order),
        "zone": _zone(),
        "is_cancellable": is_cancellable(order),
        **{name: Money(amount, order.currency) for name, amount in amounts.items()},
    }


def _line(quantity: int, name: str, total: Money) -> dict[str, Any]:
    return {"quantity": quantity, "name": name, "total": total}


def _card(card: GiftCard) -> dict[str, Any]:
    return {"code": code_of(card), "value": Money(card.balance, card.currency), "expires_at": card.expires_at}


def _is_good(card: GiftCard) -> bool:
    return card.current_status is PrepaidStatus.ACTIVE


def _zone() -> ZoneInfo:
    return ZoneInfo(business.timezone)


def _client_notice(kind: str, on: str, is_so: IsSo) -> Notice:
    return Notice(kind, on, ORDER, client_of, telling(is_so))


NOTICES = (
    _client_notice("order_placed", "order.placed", stands),
    _client_notice("order_ready", "order.ready", has_come(FulfilmentStatus.READY)),
    _client_notice("order_shipped", "order.shipped", has_come(FulfilmentStatus.SHIPPED)),
    _client_notice("order_cancelled", "order.cancelled", has_become(OrderStatus.CANCELLED)),
    _client_notice("order_expired", "order.expired", has_become(OrderStatus.EXPIRED)),
    Notice("gift_cards", "order.paid", ORDER, buyer_of, giving),
)
