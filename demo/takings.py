"""What the demo business took: in cash, at the card terminal and by gift card; and what it gave back.

Everything is paid by the same verbs as over HTTP, by an admin, at the time it would have been.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.kit.money import Money
from app.models import Booking, BookingStatus, GiftCard, Payment, PaymentMethod, PendingReason, Role, User
from app.payments import service as payments
from app.security.actor import Actor
from app.transactions import transaction

CASH, TERMINAL, GIFT_CARD = PaymentMethod.CASH, PaymentMethod.CARD_TERMINAL, PaymentMethod.GIFT_CARD
SOON = timedelta(minutes=10)
"""How long before a deposit's deadline it is paid, and after a visit the rest."""

OWED = 13
"""Every so many bookings one is not paid for."""


def the_admin() -> Actor:
    """Return who takes the money."""
    first = select(User.id).where(User.role == Role.ADMIN).order_by(User.id).limit(1)
    return Actor(db.session.execute(first).scalar_one(), Role.ADMIN)


def take_deposit(booking: Booking) -> None:
    """Let the deposit be paid that a booking waited for, but for every third: that lapses."""
    if booking.pending_reason is PendingReason.DEPOSIT and booking.expires_at is not None and booking.id % 3:
        _take_at(booking.expires_at - SOON, booking)


def take_rest(booking: Booking) -> None:
    """Let a completed booking be paid for, but for a few."""
    if booking.status is BookingStatus.COMPLETED and booking.id % OWED:
        _take_at(booking.ends_at + SOON, booking)


def take_for_order(order_id: int, method: PaymentMethod) -> None:
    """Let all that is left of an order be paid."""
    payments.begin(the_admin(), payments.Wanted(method, order_id=order_id))


def take_gift_card(order_id: int) -> None:
    """Let the first gift card that was sold pay for an order, which costs no more than is on it."""
    card = db.session.scalars(select(GiftCard).order_by(GiftCard.id).limit(1)).one()
    payments.begin(the_admin(), payments.Wanted(GIFT_CARD, order_id=order_id, code=card.code))


def give_back(order_id: int, price: Money, items: dict[int, int], reason: str) -> None:
    """Give back what some goods of an order cost, and take them back."""
    paid = select(Payment.id).where(Payment.order_id == order_id)
    payment_id = db.session.scalars(paid).one()
    payments.ask_back(the_admin(), payments.WantedRefund(payment_id, price, reason, items))


def _take_at(at: datetime, booking: Booking) -> None:
    """Let what is due of a booking be paid at an instant, unless that is yet to come; both ways in turn."""
    method = CASH if booking.id % 2 else TERMINAL
    if at > clock.utcnow():
        return
    with clock.frozen(at), transaction():
        payments.begin(the_admin(), payments.Wanted(method, booking_id=booking.id))
