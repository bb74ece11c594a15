"""What is told of money: to clients, that it has come, has not, or goes back; to admins, which refunds need them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from app.bookings.manage.tokens import BOOKING_LINKS
from app.bookings.service.read import load_booking_with_client
from app.extensions import business, db
from app.integrations.mail import Attachment
from app.invoices import queries as documents
from app.jobs.events import Event
from app.kit.money import Money
from app.models import (
    PREPAID,
    Booking,
    Channel,
    Invoice,
    Notification,
    Order,
    Payment,
    PaymentState,
    Refund,
    RefundOrigin,
    RefundState,
    Role,
    User,
)
from app.notifications.admins import all_of_them
from app.notifications.bookings import name_of
from app.notifications.notice import Facts, Notice, url_of
from app.orders.manage.tokens import ORDER_LINKS
from app.orders.service import load_order
from app.payments import queries
from app.payments.bills import Bill, of_booking, of_order
from app.payments.service.returning import waits_for_people
from app.prepaid.service import is_void

PAYMENT, REFUND = "payment", "refund"

IN_FRONT = timedelta(minutes=5)
"""For so long after its beginning whoever pays is taken to look on, and needs no mail to see that it has failed."""

Paper = Callable[[], Attachment]


def payer_of(payment_id: int) -> Sequence[User]:
    """Return the client, if there is one; nobody for a sale, where whoever buys is there."""
    found = select(User).join(Payment, Payment.client_id == User.id).outerjoin(Order, Order.id == Payment.order_id)
    is_told = or_(Payment.booking_id.is_not(None), Order.channel == Channel.ONLINE)
    return db.session.scalars(found.where(Payment.id == payment_id, is_told)).all()


def payer_back(refund_id: int) -> Sequence[User]:
    """Return who gets a refund; nobody where their bank has fetched it, as they told it to."""
    refund = db.session.get(Refund, refund_id, populate_existing=True)
    return [] if refund is None or refund.origin is RefundOrigin.DISPUTE else payer_of(refund.payment_id)


def receiving(notification: Notification, client: User) -> Facts | None:
    """Return the facts of a payment that has come, unless all of it goes back; with its receipt, and the invoice."""
    payment = _load(notification.about_id, client)
    if payment is None or not payment.refundable_amount:
        return None
    bill = _bill_of(payment)
    about = {bill.column: bill.id}
    invoice = db.session.scalars(documents.invoice_of(**about)).one_or_none()
    receipt = partial(_receipt, payment, bill.thing.reference, client.name)
    return Facts(_words(payment, bill), (_link(bill, client),), papers=(receipt, *_papers(invoice)))


def failing(notification: Notification, client: User) -> Facts | None:
    """Return the facts of a payment that has failed, as long as what it was for is to be paid, and nobody tries again.

    Who has tried again knows how that went.
    """
    payment = _load(notification.about_id, client)
    if payment is None or payment.status is not PaymentState.FAILED:
        return None
    bill = _bill_of(payment)
    later = queries.of_bill(bill.column, bill.id).where(Payment.id > payment.id)
    if not bill.payable or bill.balance_due <= 0 or db.session.scalars(later.limit(1)).first() is not None:
        return None
    return Facts(_words(payment, bill), (_link(bill, client),))


def returning(notification: Notification, client: User) -> Facts | None:
    """Return the facts of a refund that has gone back, with its document."""
    return _refund_facts(notification, client, lambda refund: refund.status is RefundState.SUCCEEDED)


def promising(notification: Notification, client: User) -> Facts | None:
    """Return the facts of a refund that somebody in the house has yet to pay out."""
    return _refund_facts(notification, client, waits_for_people)


def needing_people(notification: Notification, admin: User) -> Facts | None:
    """Return the facts of a refund that its provider refuses or does not pay out, until somebody has seen to it."""
    refund = db.session.get(Refund, notification.about_id, populate_existing=True)
    if refund is None or refund.failure_code is None or admin.role is not Role.ADMIN:
        return None
    payment = db.session.get_one(Payment, refund.payment_id, populate_existing=True)
    words = _words(payment, _bill_of(payment)) | _words_back(refund) | {"is_by_hand": waits_for_people(refund)}
    page = f"/payments/{payment.id}/refunds"
    return Facts(words | {"zone": ZoneInfo(business.timezone)}, (url_of(page),))


def _refund_facts(notification: Notification, client: User, is_so: Callable[[Refund], bool]) -> Facts | None:
    refund = db.session.get(Refund, notification.about_id, populate_existing=True)
    payment = None if refund is None else _load(refund.payment_id, client)
    if refund is None or payment is None or not is_so(refund):
        return None
    bill = _bill_of(payment)
    document = db.session.scalars(documents.document_of(refund.id)).one_or_none()
    words = _words(payment, bill) | _words_back(refund) | {"is_void": _is_void(payment)}
    return Facts(words, (_link(bill, client),), papers=_papers(document))


def _is_void(payment: Payment) -> bool:
    """Say whether a payment was by something paid ahead that is void now: nothing that goes back can be spent."""
    return payment.provider == PREPAID and is_void(payment.reference)


def _load(payment_id: int | None, client: User) -> Payment | None:
    """Return a payment as it is now, if it is this client's."""
    payment = db.session.get(Payment, payment_id, populate_existing=True)
    return payment if payment is not None and payment.client_id == client.id else None


def _bill_of(payment: Payment) -> Bill:
    """Return what is owed for a payment's booking or order, as it is now."""
    if payment.booking_id is not None:
        booking = load_booking_with_client(payment.booking_id)
        assert booking is not None  # noqa: S101  # a foreign key
        return of_booking(booking)
    order = load_order(payment.order_id or 0)
    assert order is not None  # noqa: S101  # a foreign key
    return of_order(order)


def _words(payment: Payment, bill: Bill) -> dict[str, Any]:
    """Return what the words of a payment may speak of."""
    thing, left = bill.thing, bill.balance_due if bill.payable else 0
    booking = thing if isinstance(thing, Booking) else None
    return {
        "payment": payment,
        "thing": thing,
        "what": name_of(booking) if booking else "",
        "amount": Money(payment.captured_amount or payment.amount, payment.currency),
        "left": Money(left, payment.currency),
        "due": Money(bill.deposit_due or left, payment.currency),
        "deadline": thing.current_deadline if bill.deposit_due or not booking else None,
        "zone": ZoneInfo(booking.timezone if booking else business.timezone),
    }


def _words_back(refund: Refund) -> dict[str, Any]:
    """Return what the words of a refund may speak of, besides; its reason, if somebody has written it."""
    reason = refund.reason if refund.origin is RefundOrigin.REQUEST else ""
    return {"refund": refund, "returned": Money(refund.amount, refund.currency), "reason": reason}


def _link(bill: Bill, client: User) -> str:
    thing = bill.thing
    return BOOKING_LINKS.url_of(thing, client) if isinstance(thing, Booking) else ORDER_LINKS.url_of(thing, client)


def _papers(document: Invoice | None) -> tuple[Paper, ...]:
    return () if document is None else (partial(_document, document),)


def _document(document: Invoice) -> Attachment:
    from app.documents.invoice import render_invoice  # noqa: PLC0415  # half a second that few need

    return Attachment(f"{document.number}.pdf", "pdf", (), render_invoice(document))


def _receipt(payment: Payment, reference: str, client_name: str) -> Attachment:
    from app.documents.receipt import PaidFor, render_receipt  # noqa: PLC0415  # half a second that few need

    content = render_receipt(payment, PaidFor(reference, client_name), business)
    return Attachment(f"{payment.reference}.pdf", "pdf", (), content)


def _nobody_looked_on(event: Event) -> bool:
    payment = db.session.get(Payment, event.about["payment_id"], populate_existing=True)
    return payment is not None and event.happened_at - payment.created_at >= IN_FRONT


NOTICES = (
    Notice("receipt", "payment.succeeded", PAYMENT, payer_of, receiving),
    Notice("payment_failed", "payment.failed", PAYMENT, payer_of, failing, when=_nobody_looked_on),
    Notice("refund", "payment.refunded", REFUND, payer_back, returning),
    Notice("refund_by_hand", "payment.refund_stuck", REFUND, payer_back, promising),
    Notice("refund_stuck", "payment.refund_stuck", REFUND, all_of_them, needing_people),
)
