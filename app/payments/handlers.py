"""How payments answer to what happens in the rooms below, to their tasks, and to what becomes of accounts."""

from typing import Any

from sqlalchemy import select, update

from app.bookings.events import booking_concluded, booking_fell_through
from app.extensions import BULK, db
from app.jobs.outbox import Task, delivers, enqueue, handles
from app.kit.clock import utcnow
from app.models import Booking, BookingStatus, Order, Payment, ProviderEvent, Refund, RefundState, StoredCard, User
from app.orders import service as orders
from app.orders.events import order_cancelled, order_cancelling, order_expired
from app.payments import queries
from app.payments.card_schemas import CardOut
from app.payments.refund_schemas import RefundOut
from app.payments.schemas import PaymentOut
from app.payments.service import asking, cards, inbox, returning
from app.payments.service.applying import CHECK
from app.payments.service.cards import FORGET_CARD
from app.payments.service.concluding import cancelled, give_back_all_but
from app.payments.service.refunding import CARRY_OUT
from app.payments.service.waiting import READ_EVENT
from app.users.events import erasing, exporting, walk_in_claimed

GIVE_PARTS_BACK = "payments.give_parts_back"
"""The outbox topic of orders that lapsed paid in part; payload: `order_id`."""


def connect() -> None:
    """Listen; called once by `create_app`."""
    booking_concluded.connect(_on_booking_concluded)
    booking_fell_through.connect(_on_booking_fell_through)
    order_cancelling.connect(_on_order_cancelling)
    order_cancelled.connect(_on_order_cancelled)
    order_expired.connect(_on_order_expired)
    handles(GIVE_PARTS_BACK, _on_lapsed_order)
    walk_in_claimed.connect(_on_walk_in_claimed)
    exporting.connect(_on_exporting)
    erasing.connect(_on_erasing)
    delivers(CHECK, _due_payment, asking.check)
    delivers(READ_EVENT, _unread_event, inbox.read)
    delivers(CARRY_OUT, _pending_refund, returning.carry_out)
    delivers(FORGET_CARD, _forgotten_card, cards.detach_at_provider)


def _on_booking_concluded(booking: Booking) -> None:
    """What was paid above the fee of what was cancelled or missed goes back; of what was done, nothing by itself."""
    if booking.status is not BookingStatus.COMPLETED:
        words = "Booking cancelled." if booking.status is BookingStatus.CANCELLED else "Booking missed."
        give_back_all_but(booking.fee_amount, "booking_id", booking.id, cancelled(words))


def _on_booking_fell_through(booking: Booking) -> None:
    give_back_all_but(0, "booking_id", booking.id, cancelled(f"Booking {booking.status}."))


def _on_order_cancelling(order: Order) -> None:
    """Payments are locked before products, and the numbers of what their refunds issue after them."""
    db.session.scalars(queries.locked(queries.of_bill("order_id", order.id))).all()


def _on_order_cancelled(order: Order) -> None:
    give_back_all_but(0, "order_id", order.id, cancelled("Order cancelled."))


def _on_order_expired(order: Order) -> None:
    """What was paid of it goes back soon, and not now: payments are locked before products."""
    if order.paid_amount > order.refunded_amount:
        enqueue(GIVE_PARTS_BACK, {"order_id": order.id}, due_at=utcnow())


def _on_lapsed_order(payload: dict[str, Any]) -> None:
    order = orders.lock_any_order(payload["order_id"])
    give_back_all_but(0, "order_id", order.id, cancelled("Order expired."))


def _on_walk_in_claimed(walk_in: User, *, account: User) -> None:
    paid = update(Payment).where(Payment.client_id == walk_in.id)
    db.session.execute(paid.values(client_id=account.id), execution_options=BULK)


def _on_exporting(user: User) -> dict[str, Any]:
    own = select(Payment).where(Payment.client_id == user.id).order_by(Payment.created_at.desc(), Payment.id.desc())
    payments = db.session.scalars(own).all()
    refunds = select(Refund).join(Payment, Payment.id == Refund.payment_id).where(Payment.client_id == user.id)
    shown = db.session.scalars(refunds.order_by(Refund.id)).all()
    return {
        "payments": PaymentOut().dump(payments, many=True),
        "refunds": RefundOut().dump(shown, many=True),
        "payment_methods": CardOut().dump(db.session.scalars(queries.cards_of(user.id)).all(), many=True),
    }


def _on_erasing(user: User) -> None:
    """Forget phones, cards, and what providers said in their own words; that and how much was paid stays."""
    own = select(Payment.id).where(Payment.client_id == user.id)
    cards.forget_cards(user.id)
    forgotten = (
        update(Payment).where(Payment.client_id == user.id).values(phone=None, next_action=None),
        update(ProviderEvent).where(ProviderEvent.payment_id.in_(own)).values(raw={}),
    )
    for statement in forgotten:
        db.session.execute(statement, execution_options=BULK)


def _due_payment(task: Task) -> int | None:
    payment = db.session.get(Payment, task.payload["payment_id"], populate_existing=True)
    return payment.id if payment is not None and asking.is_due(payment) else None


def _unread_event(task: Task) -> int | None:
    event_id: int = task.payload["event_id"]
    return event_id if inbox.is_unread(event_id) else None


def _pending_refund(task: Task) -> int | None:
    refund = db.session.get(Refund, task.payload["refund_id"], populate_existing=True)
    return refund.id if refund is not None and refund.status is RefundState.PENDING else None


def _forgotten_card(task: Task) -> str | None:
    card = db.session.get(StoredCard, task.payload["card_id"])
    return None if card is None else card.token
