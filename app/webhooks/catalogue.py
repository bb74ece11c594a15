"""The events that webhooks are told of, and what they are told. One more is one line more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from app.bookings.schemas import BookingOut
from app.bookings.service.read import load_booking
from app.extensions import db
from app.models import Payment, Product, Refund
from app.orders.schemas import OrderOut
from app.orders.service import load_order
from app.payments.refund_schemas import RefundOut
from app.payments.schemas import PaymentOut
from app.products.inventory_schemas import StockOut

Data = dict[str, Any]

ALL: Final = "*"
TEST: Final = "webhook.test"
"""What an admin sends to see whether it arrives; nobody asks for it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an event of one name means, and what shows its thing as it is now from the ids that the event names."""

    description: str
    show: Callable[[Data], Data]


def _ids(about: Data) -> Data:
    return about


def _booking(about: Data) -> Data:
    """Show a booking as the API does, but for what people wrote: it may say anything, and nobody asked to have it."""
    booking = load_booking(about["booking_id"])
    if booking is None:
        return about
    shown: Data = BookingOut().dump(booking)
    del shown["notes"]
    if shown["cancelled"] is not None:
        del shown["cancelled"]["reason"]
    return shown


def _order(about: Data) -> Data:
    """Show an order as the API does, but for what its client wrote, and where it lives."""
    order = load_order(about["order_id"])
    if order is None:
        return about
    shown: Data = OrderOut().dump(order)
    del shown["notes"], shown["address"]
    return shown


def _payment(about: Data) -> Data:
    """Show a payment as the API does, but for what lets somebody go on with it."""
    payment = db.session.get(Payment, about["payment_id"], populate_existing=True)
    if payment is None:
        return about
    shown: Data = PaymentOut().dump(payment)
    del shown["next_action"]
    return shown


def _refund(about: Data) -> Data:
    """Show a payment, and the refund of it that this is about, but for the reason, which somebody wrote."""
    refund = db.session.get(Refund, about["refund_id"], populate_existing=True)
    if refund is None:
        return about
    shown: Data = RefundOut().dump(refund)
    del shown["reason"]
    return _payment(about) | {"refund": shown}


def _stock(about: Data) -> Data:
    """Show what there is of a product as the API does; of a shortfall also how much was missing, for which booking."""
    product = db.session.get(Product, about["product_id"], populate_existing=True)
    if product is None:
        return about
    shown: Data = StockOut().dump(product)
    return shown | {name: about[name] for name in ("missing", "booking_id") if name in about}


EVENTS: Final[dict[str, Kind]] = {
    "booking.requested": Kind("A booking waits for approval.", _booking),
    "booking.deposit_due": Kind("A booking waits for its deposit.", _booking),
    "booking.confirmed": Kind("A booking is agreed.", _booking),
    "booking.moved": Kind("A booking has another time, or somebody else to do it.", _booking),
    "booking.cancelled": Kind("A booking was cancelled.", _booking),
    "booking.declined": Kind("A booking was declined.", _booking),
    "booking.expired": Kind("Nobody decided about a booking, or paid for it, in time.", _booking),
    "booking.completed": Kind("What was booked has been done.", _booking),
    "booking.no_show": Kind("The client did not come.", _booking),
    "waitlist.offered": Kind("Somebody on the waitlist was offered a time.", _ids),
    "order.placed": Kind("Somebody has ordered.", _order),
    "order.paid": Kind("All of an order has been paid.", _order),
    "order.ready": Kind("An order is ready to be picked up, or sent.", _order),
    "order.shipped": Kind("An order is on its way.", _order),
    "order.fulfilled": Kind("An order is with its client.", _order),
    "order.completed": Kind("An order is paid and with its client; a sale at the counter is at once.", _order),
    "order.cancelled": Kind("An order was cancelled.", _order),
    "order.expired": Kind("An order was not paid in time.", _order),
    "payment.succeeded": Kind("A payment has come; at the counter, too.", _payment),
    "payment.failed": Kind("A payment has failed, or was given up. It may still come.", _payment),
    "payment.refunded": Kind("Money of a payment has gone back.", _refund),
    "payment.refund_stuck": Kind("A refund needs people: its provider refuses it, or pays nothing out.", _refund),
    "product.low_stock": Kind("A product has fallen to its reorder level, or below.", _stock),
    "product.shortfall": Kind("A booking has used more of a product than there was.", _stock),
    TEST: Kind("An admin tried whether it arrives.", _ids),
}

CHOICES: Final = tuple(name for name in EVENTS if name != TEST)
"""What an endpoint may ask for, besides all."""


def shown(event: str, about: Data) -> Data:
    """Return the `data` of a payload: the thing as it is now. Of an event that is known no more, its ids."""
    kind = EVENTS.get(event)
    return dict(about) if kind is None else kind.show(dict(about))
