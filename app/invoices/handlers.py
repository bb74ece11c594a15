"""How documents come about: by what happens in the rooms below, in the same transaction."""

from typing import Any

from app.bookings.events import booking_concluded
from app.extensions import db
from app.invoices import queries
from app.invoices.schemas import InvoiceOut
from app.invoices.service import document_refund, issue_for_booking, issue_for_order
from app.ledger.events import money_returned
from app.models import Booking, BookingStatus, Invoice, Order, Payment, Refund, User
from app.orders.events import order_paid
from app.users.events import exporting


def connect() -> None:
    """Listen; called once by `create_app`."""
    booking_concluded.connect(_on_booking_concluded)
    order_paid.connect(_on_order_paid)
    money_returned.connect(_on_money_returned)
    exporting.connect(_on_exporting)


def _on_booking_concluded(booking: Booking) -> None:
    if booking.status is BookingStatus.COMPLETED:
        issue_for_booking(booking)


def _on_order_paid(order: Order) -> None:
    issue_for_order(order)


def _on_money_returned(refund: Refund, *, payment: Payment) -> None:
    document_refund(refund, payment)


def _on_exporting(user: User) -> dict[str, Any]:
    found = queries.whole().where(queries.of_client(user.id)).order_by(Invoice.issued_at, Invoice.id)
    return {"invoices": InvoiceOut().dump(db.session.scalars(found).all(), many=True)}
