"""What a booking or an order asks to be paid, seen as one kind of thing."""

from dataclasses import dataclass

from app.bookings import service as bookings
from app.extensions import db
from app.kit.errors import NotFound
from app.kit.money import Money
from app.models import Booking, BookingStatus, Order, OrderStatus, Payment
from app.orders import service as orders
from app.payments import queries
from app.security.actor import Actor

UNPAYABLE = (BookingStatus.DECLINED, BookingStatus.CANCELLED, BookingStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class Bill:
    """What is owed for a locked booking, or order, in minor units. `thing` names it in a payment's columns."""

    thing: Booking | Order
    column: str
    client_id: int | None
    payable: bool
    deposit_due: int
    balance_due: int

    @property
    def id(self) -> int:
        """The booking's or the order's id."""
        return self.thing.id

    @property
    def currency(self) -> str:
        """In which it is paid."""
        return self.thing.currency


def lock_visible(actor: Actor, *, booking_id: int | None, order_id: int | None) -> Bill:
    """Return what is owed for a booking or order that the actor sees, locked. Raises `NotFound` naming the field."""
    try:
        if booking_id is not None:
            return of_booking(bookings.lock_booking(bookings.get_booking(actor, booking_id)))
        assert order_id is not None  # noqa: S101  # the schema asks for one of the two
        return of_order(orders.lock_order(actor, order_id))
    except NotFound:
        raise NotFound.naming("order_id" if booking_id is None else "booking_id") from None


def lock_bill_of(payment: Payment) -> Bill:
    """Return what is owed for a payment's booking or order, locked, for the system itself."""
    if payment.booking_id is not None:
        return of_booking(bookings.lock_any_booking(payment.booking_id))
    assert payment.order_id is not None  # noqa: S101  # says the CHECK `one_thing`
    return of_order(orders.lock_any_order(payment.order_id))


def is_payable(payment: Payment) -> bool:
    """Say whether a payment's booking or order can still be paid for, as far as one sees without a lock."""
    if payment.booking_id is not None:
        booking = db.session.get_one(Booking, payment.booking_id, populate_existing=True)
        return booking.current_status not in UNPAYABLE
    order = db.session.get_one(Order, payment.order_id, populate_existing=True)
    return _is_payable(order)


def returned_of(thing: Booking | Order) -> Money:
    """Return what of the payments for a booking or order is back, or on its way back; one statement."""
    column = "booking_id" if isinstance(thing, Booking) else "order_id"
    return Money(db.session.execute(queries.returned_of_bill(column, thing.id)).scalar_one(), thing.currency)


def of_booking(booking: Booking) -> Bill:
    """Return what is owed for a booking."""
    payable = booking.current_status not in UNPAYABLE
    due = booking.deposit_due.amount, booking.balance_due.amount
    return Bill(booking, "booking_id", booking.client_id, payable, *due)


def of_order(order: Order) -> Bill:
    """Return what is owed for an order, which asks for no deposit."""
    return Bill(order, "order_id", order.client_id, _is_payable(order), 0, order.total_amount - order.paid_amount)


def _is_payable(order: Order) -> bool:
    """Say whether an order is open, and nothing went back before it was paid: it would be had for less."""
    return order.current_status is OrderStatus.OPEN and (order.is_paid or not order.refunded_amount)
