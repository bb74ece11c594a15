"""Whether documents are numbered without a gap, and add up."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import PREFIXES, Booking, Invoice, InvoiceKind, InvoiceLine, InvoiceSeries, Order

Rows = Select[*tuple[Any, ...]]


def find_gaps() -> Iterator[str]:
    """Yield a line for each series and year that has a gap, or whose counter is not at its last number."""
    numbers = (func.count(), func.max(Invoice.sequence), InvoiceSeries.last)
    here = (InvoiceSeries.kind == Invoice.kind) & (InvoiceSeries.year == Invoice.year)
    found = select(Invoice.kind, Invoice.year, *numbers).outerjoin(InvoiceSeries, here)
    for kind, year, count, highest, last in db.session.execute(
        found.group_by(Invoice.kind, Invoice.year, InvoiceSeries.last).order_by(Invoice.year, Invoice.kind)
    ):
        if not count == highest == last:
            yield f"{PREFIXES[kind]}-{year} has {count} documents up to number {highest}; its counter is at {last}"


def find_wrong_totals() -> Iterator[str]:
    """Yield a line for each document whose totals, or whose number of lines, are not those of its lines."""
    for invoice_id, amount, tax, count, *lines in db.session.execute(_wrong_totals()):
        due, due_tax, due_count = lines
        yield (
            f"invoice {invoice_id} is of {amount}, with {tax} of tax, in {count} lines;"
            f" its lines make {due}, and {due_tax}, in {due_count}"
        )


def find_other_prices() -> Iterator[str]:
    """Yield a line for each invoice that is of another amount than its booking or order."""
    due = func.coalesce(Booking.total_amount, Order.total_amount)
    joined = select(Invoice.id, Invoice.total_amount, due).outerjoin(Booking, Booking.id == Invoice.booking_id)
    of_invoices = joined.outerjoin(Order, Order.id == Invoice.order_id).where(Invoice.kind == InvoiceKind.INVOICE)
    for invoice_id, amount, agreed in db.session.execute(of_invoices.where(Invoice.total_amount != due)):
        yield f"invoice {invoice_id} is of {amount}; what it is for costs {agreed}"


def find_credited_too_much() -> Iterator[str]:
    """Yield a line for each invoice of which more was taken back than it is of."""
    note = aliased(Invoice)
    taken = cast(func.sum(note.total_amount), BigInteger)
    found = select(Invoice.id, Invoice.total_amount, taken).join(note, note.corrects_id == Invoice.id)
    for invoice_id, amount, back in db.session.execute(found.group_by(Invoice.id).having(taken > Invoice.total_amount)):
        yield f"of invoice {invoice_id}, which is of {amount}, {back} was taken back"


def find_miscredited() -> Iterator[str]:
    """Yield a line for each booking that counts another amount as credited than its credit notes are of."""
    notes = (Invoice.booking_id == Booking.id) & (Invoice.kind == InvoiceKind.CREDIT_NOTE)
    credited = func.coalesce(cast(func.sum(Invoice.total_amount), BigInteger), 0)
    found = select(Booking.reference, Booking.credited_amount, credited).outerjoin(Invoice, notes)
    for reference, said, due in db.session.execute(
        found.group_by(Booking.id).having(Booking.credited_amount != credited).order_by(Booking.id)
    ):
        yield f"{reference} counts {said} as credited; its credit notes are of {due}"


def _wrong_totals() -> Rows:
    """Select (id, its amount, tax, lines, those of its lines) of documents where they differ."""
    sums = (
        select(
            InvoiceLine.invoice_id,
            cast(func.sum(InvoiceLine.amount), BigInteger).label("amount"),
            cast(func.sum(InvoiceLine.tax_amount), BigInteger).label("tax"),
            func.count().label("count"),
        )
        .group_by(InvoiceLine.invoice_id)
        .subquery()
    )
    amount = case((Invoice.tax_inclusive, Invoice.total_amount), else_=Invoice.subtotal_amount)
    due = [func.coalesce(sums.c[name], 0) for name in ("amount", "tax", "count")]
    said = [amount, Invoice.tax_amount, Invoice.line_count]
    found = select(Invoice.id, *said, *due).outerjoin(sums, sums.c.invoice_id == Invoice.id)
    return found.where(or_(*(one != other for one, other in zip(said, due, strict=True)))).order_by(Invoice.id)
