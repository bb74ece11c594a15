"""Issuing: when a booking is completed, an order is paid, or money goes back; once for each."""

from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value

from app.extensions import business, db
from app.invoices import drafts, queries
from app.invoices.drafts import Draft, Line
from app.invoices.numbering import next_number
from app.kit.clock import utcnow
from app.ledger.posting import invoiced
from app.ledger.queries import owed_for
from app.models import Booking, Invoice, InvoiceKind, InvoiceLine, Order, Payment, Refund, User

COPIED = ("kind", "reference", "booking_id", "order_id", "refund_id", "corrects_id", "currency", "tax_inclusive")
"""What a document has of its draft by the same name."""


def issue_for_booking(booking: Booking) -> Invoice:
    """Return the invoice of a locked, completed booking: issued now, unless it has been."""
    issued = db.session.scalars(queries.invoice_of(booking_id=booking.id)).one_or_none()
    return issued or _issue(drafts.of_booking(booking, business), booking.client_id)


def issue_for_order(order: Order) -> Invoice:
    """Return the invoice of a locked, paid order: issued now, unless it has been."""
    issued = db.session.scalars(queries.invoice_of(order_id=order.id)).one_or_none()
    invoice = issued or _issue(drafts.of_order(order), order.client_id)
    set_committed_value(order, "invoice_id", invoice.id)
    return invoice


def document_refund(refund: Refund, payment: Payment) -> Invoice:
    """Return the document of a refund that stands in the books: issued now, unless it has been.

    Where there is an invoice it is a credit note, over what its client would owe again by the refund. What was paid
    twice, or before there was one, gets a refund receipt. The booking or order is locked.
    """
    issued = db.session.scalars(queries.document_of(refund.id)).one_or_none()
    return issued or _issue(_refund_draft(refund, payment), payment.client_id)


def _refund_draft(refund: Refund, payment: Payment) -> Draft:
    about = {"booking_id": payment.booking_id, "order_id": payment.order_id}
    invoice = db.session.scalars(queries.invoice_of(**about)).one_or_none()
    if invoice is not None:
        before = db.session.execute(queries.credited_on(invoice.id)).scalar_one()
        owed = db.session.execute(owed_for(**about)).scalar_one()
        amount = min(refund.amount, owed, invoice.total_amount - before)
        if amount > 0:
            return drafts.credit_note(invoice, refund, drafts.credited_lines(invoice, refund, before, amount))
    return drafts.refund_receipt(refund, payment, _reference(payment))


def _reference(payment: Payment) -> str:
    thing = db.session.get(Order, payment.order_id) if payment.order_id else db.session.get(Booking, payment.booking_id)
    assert thing is not None  # noqa: S101  # a foreign key
    return thing.reference


def _issue(draft: Draft, client_id: int | None) -> Invoice:
    """Write the document with the next number, and post it."""
    client = None if client_id is None else db.session.get_one(User, client_id)
    now = utcnow()
    year = now.astimezone(ZoneInfo(business.timezone)).year
    invoice = Invoice(
        **{name: getattr(draft, name) for name in COPIED},
        **draft.amounts,
        **_seller(),
        client_name=client.name if client else "",
        paid_amount=draft.paid,
        line_count=len(draft.lines),
        lines=[_line(position, line, draft.currency) for position, line in enumerate(draft.lines)],
        issued_at=now,
        year=year,
        sequence=next_number(draft.kind, year),
    )
    db.session.add(invoice)
    db.session.flush()
    invoiced(invoice)
    if invoice.kind is InvoiceKind.CREDIT_NOTE and invoice.booking_id is not None:
        _credit(invoice.booking_id, invoice.total_amount)
    return invoice


def _credit(booking_id: int, amount: int) -> None:
    """Let a locked booking owe less by what is credited."""
    credited = update(Booking).where(Booking.id == booking_id)
    db.session.execute(credited.values(credited_amount=Booking.credited_amount + amount))


def _seller() -> dict[str, str]:
    return {
        "seller_name": business.name,
        "seller_address": business.address,
        "seller_country": business.country,
        "seller_tax_number": business.tax_number,
        "timezone": business.timezone,
    }


def _line(position: int, line: Line, currency: str) -> InvoiceLine:
    return InvoiceLine(
        position=position,
        description=line.description,
        quantity=line.quantity,
        unit_price_amount=line.unit_price,
        amount=line.amount,
        tax_rate_millionths=line.tax_rate,
        tax_amount=line.tax,
        currency=currency,
    )
