"""What is going to be on a document, before it has a number. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.kit.business import Business
from app.models import Booking, BookingItem, Invoice, InvoiceKind, Order, OrderLine, Payment, ProductKind, Refund
from app.orders.pricing import Tax, totals_of

LONGEST_DESCRIPTION = 500
UNTAXED = Tax(0, inclusive=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing, what it costs, and the tax that is in that, or comes on top of it."""

    description: str
    quantity: int
    unit_price: int
    tax_rate: int
    tax: int

    @property
    def amount(self) -> int:
        """What was agreed for it."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Draft:
    """A document without a number: of which booking or order, and what stands on it."""

    kind: InvoiceKind
    reference: str
    currency: str
    lines: Sequence[Line]
    paid: int
    tax_inclusive: bool = True
    booking_id: int | None = None
    order_id: int | None = None
    refund_id: int | None = None
    corrects_id: int | None = None

    @property
    def amounts(self) -> dict[str, int]:
        """Its totals, by the names of their columns: sums of its lines."""
        totals = totals_of(((line.amount, line.tax) for line in self.lines), inclusive=self.tax_inclusive)
        return {"subtotal_amount": totals.subtotal, "tax_amount": totals.tax, "total_amount": totals.total}


def of_booking(booking: Booking, business: Business) -> Draft:
    """Return the invoice of a booking: a line for each of its items. What was agreed has the tax in it."""
    tax = Tax.of_percent(business.tax_rate_percent, inclusive=True)
    return Draft(
        InvoiceKind.INVOICE,
        booking.reference,
        booking.currency,
        [Line(text, 1, price, tax.millionths, tax.on(price)) for text, price in _parts(booking)],
        booking.paid_amount,
        booking_id=booking.id,
    )


def of_order(order: Order) -> Draft:
    """Return the invoice of an order: its lines, with the tax that was worked out when it was placed."""
    return Draft(
        InvoiceKind.INVOICE,
        order.reference,
        order.currency,
        [_of_line(line, order.tax_rate_millionths) for line in order.lines],
        order.paid_amount,
        tax_inclusive=order.tax_inclusive,
        order_id=order.id,
    )


def refund_receipt(refund: Refund, payment: Payment, reference: str) -> Draft:
    """Return the receipt of money that went back without an invoice having been written for it."""
    return Draft(
        InvoiceKind.REFUND_RECEIPT,
        reference,
        refund.currency,
        [Line(_described(f"Refund of {payment.reference}", refund.reason), 1, refund.amount, 0, 0)],
        refund.amount,
        booking_id=payment.booking_id,
        order_id=payment.order_id,
        refund_id=refund.id,
    )


def credit_note(invoice: Invoice, refund: Refund, lines: Sequence[Line]) -> Draft:
    """Return the note that takes these lines of an invoice back, as a refund has."""
    return Draft(
        InvoiceKind.CREDIT_NOTE,
        invoice.reference,
        invoice.currency,
        lines,
        refund.amount,
        tax_inclusive=invoice.tax_inclusive,
        booking_id=invoice.booking_id,
        order_id=invoice.order_id,
        refund_id=refund.id,
        corrects_id=invoice.id,
    )


def credited_lines(invoice: Invoice, refund: Refund, before: int, amount: int) -> list[Line]:
    """Return the lines that take `amount` of an invoice back of which `before` has been taken back: one for each rate.

    Each rate bears its share of all that was taken back so far, less what it bore before, so that what is taken back
    in parts comes to the invoice, and its tax, to the minor unit.
    """
    lines, said = [], _described(f"Credit on {invoice.number}", refund.reason)
    rates = sorted(_by_rate(invoice).items())
    sums = [gross for _, (gross, _) in rates]
    for (rate, (gross, tax)), *share in zip(rates, _shares(before, sums), _shares(before + amount, sums), strict=True):
        taxed = [_rounded(tax * part, gross) for part in share]
        part, its_tax = share[1] - share[0], taxed[1] - taxed[0]
        if part > 0:
            lines.append(Line(said, 1, part if invoice.tax_inclusive else part - its_tax, rate, its_tax))
    return lines


def _by_rate(invoice: Invoice) -> dict[int, tuple[int, int]]:
    """Return what the lines of each rate come to, and the tax in that."""
    sums: dict[int, tuple[int, int]] = {}
    for line in invoice.lines:
        gross, tax = sums.get(line.tax_rate_millionths, (0, 0))
        more = line.amount if invoice.tax_inclusive else line.amount + line.tax_amount
        sums[line.tax_rate_millionths] = (gross + more, tax + line.tax_amount)
    return sums


def _shares(done: int, sums: Sequence[int]) -> list[int]:
    """Return what each part of a total bears of `done`: all parts bear it all, and none bears less of more.

    Each takes its share of what those before it have left, so that one more unit of `done` is one part's alone.
    """
    shares, total = [], sum(sums)
    for gross in sums:
        shares.append(_rounded(done * gross, total))
        done, total = done - shares[-1], total - gross
    return shares


def _rounded(numerator: int, denominator: int) -> int:
    """Return the fraction, rounded half up; of nothing, nothing."""
    return (2 * numerator + denominator) // (2 * denominator) if denominator else 0


def _parts(booking: Booking) -> list[tuple[str, int]]:
    """Return what was done or let, and its prices; the booking as one, where its parts are not priced one by one."""
    day = f"{booking.starts_at.astimezone(ZoneInfo(booking.timezone)):%Y-%m-%d %H:%M}"
    parts = [(_described(_name(booking, item), day), item.price_amount) for item in booking.items]
    if sum(price for _, price in parts) != booking.total_amount or not parts:
        return [(_described(booking.space_name or f"Visit {booking.reference}", day), booking.total_amount)]
    return parts


def _name(booking: Booking, item: BookingItem) -> str:
    who = f", {item.staff_name}" if item.staff_name else ""
    return f"{item.service_name or booking.space_name or booking.reference}{who}"


def _of_line(line: OrderLine, tax_rate: int) -> Line:
    rate = tax_rate if line.kind is ProductKind.RETAIL or line.tax_amount else 0
    return Line(_described(line.name, line.sku), line.quantity, line.unit_price_amount, rate, line.tax_amount)


def _described(what: str, more: str) -> str:
    return (f"{what} · {more}" if more else what)[:LONGEST_DESCRIPTION]
