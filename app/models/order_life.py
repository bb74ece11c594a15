"""The words of an order's life, and which of them may follow which (product.md §6)."""

from enum import StrEnum


class Channel(StrEnum):
    """Whether a client orders and pays later, or staff ring it up and it is paid at once."""

    ONLINE = "online"
    IN_PERSON = "in_person"


class OrderStatus(StrEnum):
    """Where an order stands. All but `open` are final."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PaymentStatus(StrEnum):
    """How much of an order has been paid and given back."""

    UNPAID = "unpaid"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class Fulfilment(StrEnum):
    """Whether the client comes for it or has it sent."""

    PICKUP = "pickup"
    DELIVERY = "delivery"


class FulfilmentStatus(StrEnum):
    """How far an order has come on its way to the client."""

    UNFULFILLED = "unfulfilled"
    READY = "ready"
    SHIPPED = "shipped"
    FULFILLED = "fulfilled"


class SaleMethod(StrEnum):
    """How a sale at the counter was paid."""

    CASH = "cash"
    CARD_TERMINAL = "card_terminal"
    MPESA = "mpesa"


class OrderStep(StrEnum):
    """A change in an order's life, as its history names it."""

    CREATE = "create"
    SELL = "sell"
    PAY = "pay"
    FULFIL = "fulfil"
    CANCEL = "cancel"
    EXPIRE = "expire"
    RETURN = "return"


LEGAL_ORDER_STEPS: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.OPEN: frozenset({OrderStatus.COMPLETED, OrderStatus.CANCELLED, OrderStatus.EXPIRED}),
}
"""From each status, those that may follow."""

NEXT_FULFILMENTS: dict[Fulfilment, dict[FulfilmentStatus, frozenset[FulfilmentStatus]]] = {
    Fulfilment.PICKUP: {
        FulfilmentStatus.UNFULFILLED: frozenset({FulfilmentStatus.READY, FulfilmentStatus.FULFILLED}),
        FulfilmentStatus.READY: frozenset({FulfilmentStatus.FULFILLED}),
    },
    Fulfilment.DELIVERY: {
        FulfilmentStatus.UNFULFILLED: frozenset(
            {FulfilmentStatus.READY, FulfilmentStatus.SHIPPED, FulfilmentStatus.FULFILLED}
        ),
        FulfilmentStatus.READY: frozenset({FulfilmentStatus.SHIPPED, FulfilmentStatus.FULFILLED}),
        FulfilmentStatus.SHIPPED: frozenset({FulfilmentStatus.FULFILLED}),
    },
}
"""From each step of a fulfilment, those that may follow: forward only."""

HANDED_OVER = (FulfilmentStatus.SHIPPED, FulfilmentStatus.FULFILLED)
"""The steps after which the goods have left the house."""
