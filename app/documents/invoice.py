"""Invoices, credit notes and refund receipts as PDF files."""

from typing import Final

from app.documents.amounts import day_text, money_text, number_text, percent_text, seller_lines
from app.documents.sheet import TOTAL, Column, Content, Table, draw
from app.kit.money import Money
from app.models import Invoice, InvoiceKind, InvoiceLine

TITLES: Final = {
    InvoiceKind.INVOICE: "Invoice",
    InvoiceKind.CREDIT_NOTE: "Credit note",
    InvoiceKind.REFUND_RECEIPT: "Refund receipt",
}


def render_invoice(invoice: Invoice) -> bytes:
    """Return a document, whose lines and `corrects` are loaded, as a PDF file: each time the same."""
    return draw(
        Content(
            title=TITLES[invoice.kind],
            number=invoice.number,
            issued_at=invoice.issued_at,
            seller=_seller(invoice),
            client=[invoice.client_name] if invoice.client_name else [],
            facts=_facts(invoice),
            items=_items(invoice),
            sums=_sums(invoice),
            code=f"{invoice.number} {invoice.reference}",
            taxes=_taxes(invoice),
            notes=_notes(invoice),
        )
    )


def _seller(invoice: Invoice) -> list[str]:
    return seller_lines(invoice.seller_name, invoice.seller_address, invoice.seller_country, invoice.seller_tax_number)


def _facts(invoice: Invoice) -> list[tuple[str, str]]:
    thing = "Booking" if invoice.order_id is None else "Order"
    facts = [("Date", day_text(invoice.issued_at, invoice.timezone)), (thing, invoice.reference)]
    return facts if invoice.corrects is None else [*facts, ("Corrects invoice", invoice.corrects.number)]


def _items(invoice: Invoice) -> Table:
    columns = (
        Column("Description", 46, "LEFT"),
        Column("Quantity", 13),
        Column(f"Price {invoice.currency}", 26),
        Column("Tax", 11),
        Column(f"Amount {invoice.currency}", 26),
    )
    return Table(columns, [_row(line) for line in invoice.lines])


def _row(line: InvoiceLine) -> tuple[str, ...]:
    price, amount = (number_text(Money(some, line.currency)) for some in (line.unit_price_amount, line.amount))
    return line.description, f"{line.quantity:,}", price, percent_text(line.tax_rate_millionths), amount


def _sums(invoice: Invoice) -> list[tuple[str, str]]:
    sums = {"Net": invoice.subtotal_amount, "Tax": invoice.tax_amount, TOTAL: invoice.total_amount}
    if invoice.kind is InvoiceKind.INVOICE:
        sums |= {"Paid": invoice.paid_amount, "To be paid": invoice.balance_amount}
    else:
        sums |= {"Given back": invoice.paid_amount}
    return [(label, _shown(invoice, amount)) for label, amount in sums.items()]


def _taxes(invoice: Invoice) -> Table | None:
    """Return the totals by rate; none where there is no tax."""
    if not invoice.tax_amount:
        return None
    columns = (
        Column("Tax rate", 20, "LEFT"),
        Column(f"Net {invoice.currency}", 30),
        Column(f"Tax {invoice.currency}", 30),
    )
    rows = [(percent_text(one.millionths), number_text(one.net), number_text(one.tax)) for one in invoice.taxes]
    return Table(columns, rows)


def _notes(invoice: Invoice) -> list[str]:
    if not invoice.tax_amount:
        return []
    return ["Amounts have the tax in them." if invoice.tax_inclusive else "The tax comes on top of the amounts."]


def _shown(invoice: Invoice, amount: int) -> str:
    return money_text(Money(amount, invoice.currency))
