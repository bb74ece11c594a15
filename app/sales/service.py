"""Selling at the counter: paid and handed over at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.bookings.service import get_booking
from app.invoices.service import issue_for_order
from app.kit.errors import Invalid, NotFound
from app.models import Channel, FulfilmentStatus, Order, OrderStatus, OrderStep, ProductKind, SaleMethod
from app.orders import service as orders
from app.orders.basket import Basket, Item, read_basket
from app.payments.service import pay_at_the_counter
from app.prepaid import service as prepaid
from app.products import stock
from app.security.actor import Actor
from app.users.service import find_visible_client, lock_client


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is sold, how it was paid, and to whom: a client, or that of a visit, or somebody unknown."""

    items: Sequence[Item]
    method: SaleMethod
    client_id: int | None = None
    booking_id: int | None = None
    notes: str = ""


def sell(*, actor: Actor, wanted: Wanted) -> Order:
    """Sell, and return the completed, paid order. Whether a blocked client is served at the counter, staff decide.

    Raises `NotFound` naming the field, `NotAvailable`, `PriceChanged`, `OutOfStock`, `Invalid`.
    """
    client_id = _client_of(actor, wanted)
    basket = read_basket(wanted.items)
    _refuse_nobodys_package(basket, client_id)
    order = orders.new_order(Channel.IN_PERSON, basket)
    order.client_id, order.booking_id, order.notes = client_id, wanted.booking_id, wanted.notes
    order.sale_method, order.sold_by = wanted.method, actor.id
    order.status, order.fulfilment_status = OrderStatus.COMPLETED, FulfilmentStatus.FULFILLED
    order.paid_amount = order.total_amount
    orders.insert(order)
    orders.record_step(order, OrderStep.SELL, before=None, actor_id=actor.id)
    prepaid.issue_for_order(order)
    orders.take_stock(order, basket, stock.sell, actor_id=actor.id)
    pay_at_the_counter(order)
    issue_for_order(order)
    return order


def _client_of(actor: Actor, wanted: Wanted) -> int | None:
    """Return to whom it is sold, locked: nobody erases or claims them meanwhile."""
    if wanted.booking_id is not None:
        visitor = _visitor(actor, wanted.booking_id)
        if wanted.client_id not in {None, visitor}:
            raise Invalid.field("client_id", "Is not the client of the booking.")
        lock_client(visitor)
        return visitor
    return None if wanted.client_id is None else find_visible_client(actor, wanted.client_id).id


def _visitor(actor: Actor, booking_id: int) -> int:
    """Return whose visit it is: who sees the visit may sell to its client, whoever that is."""
    try:
        return get_booking(actor, booking_id).client_id
    except NotFound:
        raise NotFound.naming("booking_id") from None


def _refuse_nobodys_package(basket: Basket, client_id: int | None) -> None:
    """Visits belong to somebody; a gift card to whoever has its code."""
    if client_id is None and any(part.product.kind is ProductKind.PACKAGE for part in basket):
        raise Invalid.field("client_id", "A package is sold to a client.")
