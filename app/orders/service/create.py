"""Placing an order: its stock is kept at once, for all of its lines or for none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm.attributes import set_committed_value

from app.extensions import business
from app.kit.clock import utcnow
from app.kit.errors import Forbidden
from app.kit.inserts import row_for
from app.kit.references import new_reference
from app.models import Channel, Fulfilment, Order, OrderStatus, OrderStep, PaymentStatus
from app.orders.basket import Basket, Item, read_basket
from app.orders.permissions import may_order_for_others
from app.orders.pricing import Tax, totals_of
from app.orders.service.keeping import take_stock
from app.orders.service.paid import settle
from app.orders.service.record import record_creation, record_step
from app.products import stock
from app.security.actor import Actor
from app.transactions import adopt, insert_alike, insert_unless_taken
from app.users.errors import ClientBlocked
from app.users.service import Client, find_visible_client


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody orders, for whom (None: for itself), and how it is to come to them."""

    items: Sequence[Item]
    client_id: int | None = None
    fulfilment: Fulfilment = Fulfilment.PICKUP
    address: str | None = None
    notes: str = ""


def place_order(*, actor: Actor, wanted: Wanted) -> Order:
    """Order, and keep the stock for it until it is paid or its time is over; what costs nothing is paid at once.

    Raises `NotFound` naming the field, `Forbidden`, `ClientBlocked`, `NotAvailable`, `PriceChanged`, `OutOfStock`,
    `Invalid`.
    """
    client = _client_of(actor, wanted)
    basket = read_basket(wanted.items)
    order = new_order(Channel.ONLINE, basket)
    order.client_id, order.notes = client.id, wanted.notes
    order.fulfilment, order.address = wanted.fulfilment, wanted.address
    if order.total_amount:
        order.expires_at = order.created_at + timedelta(minutes=business.order_minutes)
    insert(order)
    record_creation(order, actor_id=actor.id)
    take_stock(order, basket, stock.reserve, actor_id=actor.id)  # last: what everybody wants is locked most shortly
    if not order.total_amount:
        settle(order)
        record_step(order, OrderStep.PAY, before=OrderStatus.OPEN, actor_id=actor.id)
    return order


def new_order(channel: Channel, basket: Basket) -> Order:
    """Return an order of what is in the basket, at the prices and the tax of this moment."""
    tax = Tax.of_percent(business.tax_rate_percent, inclusive=business.tax_inclusive)
    lines = [part.line(position, tax) for position, part in enumerate(basket)]
    totals = totals_of(((line.total_amount, line.tax_amount) for line in lines), inclusive=tax.inclusive)
    return Order(
        reference=new_reference("OR"),
        channel=channel,
        currency=business.currency,
        tax_rate_millionths=tax.millionths,
        tax_inclusive=tax.inclusive,
        subtotal_amount=totals.subtotal,
        tax_amount=totals.tax,
        total_amount=totals.total,
        created_at=utcnow(),
        lines=lines,
    )


def insert(order: Order) -> None:
    """Write an order that is paid or not, under a reference that nobody else has, and its lines."""
    row = row_for(order)
    while (order_id := insert_unless_taken(row, "reference")) is None:
        order.reference = new_reference("OR")  # among a million, one in a thousand is met twice
        row = row_for(order)
    lines = [row_for(line, order_id=order_id) for line in order.lines]
    adopt((order, row, order_id), *zip(order.lines, lines, insert_alike(lines), strict=True))
    # What nobody needs to look up: how the database calls that, and that it has no invoice yet.
    set_committed_value(order, "payment_status", PaymentStatus.PAID if order.is_paid else PaymentStatus.UNPAID)
    set_committed_value(order, "invoice_id", None)


def _client_of(actor: Actor, wanted: Wanted) -> Client:
    """Return who is to have it, locked: nobody erases or claims them meanwhile."""
    client = find_visible_client(actor, actor.id if wanted.client_id is None else wanted.client_id)
    if client.id != actor.id and not may_order_for_others(actor):
        raise Forbidden
    if client.is_blocked:
        raise ClientBlocked
    return client
