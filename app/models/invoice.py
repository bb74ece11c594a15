"""Invoices, credit notes and refund receipts: documents that are issued once and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, inspect, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.kit.money import Money
from app.models.booking import Booking
from app.models.order import Order


class InvoiceKind(StrEnum):
    """What a document is: for what was sold, for what of that was taken back, or for money given back before it."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    REFUND_RECEIPT = "refund_receipt"


PREFIXES: Final = {InvoiceKind.INVOICE: "INV", InvoiceKind.CREDIT_NOTE: "CN", InvoiceKind.REFUND_RECEIPT: "RR"}
"""How the numbers of each series begin."""

_IS_INVOICE: Final = text("kind = 'invoice'")
_LAWFUL: Final = (
    "(kind = 'invoice' AND refund_id IS NULL AND corrects_id IS NULL)"
    " OR (kind = 'credit_note' AND refund_id IS NOT NULL AND corrects_id IS NOT NULL)"
    " OR (kind = 'refund_receipt' AND refund_id IS NOT NULL AND corrects_id IS NULL)"
)


class Invoice(Base):
    """A document as it was issued: who sold what to whom, and what of it is tax. Rows are never changed or removed.

    Names and addresses are copies. Amounts are above zero in all kinds of documents. `paid_amount` is what had been
    paid by then, or what was given back. `line_count` says how many lines it has: none can be added.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("kind", "year", "sequence"),
        UniqueConstraint("refund_id"),
        CheckConstraint("sequence > 0", name="sequence"),
        CheckConstraint("year BETWEEN 1970 AND 9999", name="year"),
        CheckConstraint(
            "subtotal_amount >= 0 AND tax_amount >= 0 AND total_amount = subtotal_amount + tax_amount", name="totals"
        ),
        CheckConstraint("paid_amount >= 0", name="paid"),
        CheckConstraint("line_count > 0", name="line_count"),
        CheckConstraint("(booking_id IS NULL) <> (order_id IS NULL)", name="about"),
        CheckConstraint(_LAWFUL, name="lawful"),
        Index(
            "uq_invoices_booking_id", "booking_id", unique=True, postgresql_where=_IS_INVOICE, sqlite_where=_IS_INVOICE
        ),
        Index("uq_invoices_order_id", "order_id", unique=True, postgresql_where=_IS_INVOICE, sqlite_where=_IS_INVOICE),
        Index("ix_invoices_booking_id", "booking_id", "issued_at", "id"),
        Index("ix_invoices_order_id", "order_id", "issued_at", "id"),
        Index("ix_invoices_corrects_id", "corrects_id"),
        Index("ix_invoices_issued_at", "issued_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[InvoiceKind] = mapped_column(word_of(InvoiceKind, "kind"))
    year: Mapped[int] = mapped_column(Integer)
    sequence: Mapped[int] = mapped_column()
    issued_at: Mapped[datetime] = mapped_column(default=utcnow)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    reference: Mapped[str] = mapped_column(String(16))
    """That of the booking or order."""

    seller_name: Mapped[str] = mapped_column(String(200))
    seller_address: Mapped[str] = mapped_column(String(500))
    seller_country: Mapped[str] = mapped_column(String(2))
    seller_tax_number: Mapped[str] = mapped_column(String(64))
    client_name: Mapped[str] = mapped_column(String(401))
    timezone: Mapped[str] = mapped_column(String(64))
    """In which its days are."""

    currency: Mapped[str] = mapped_column(String(3))
    tax_inclusive: Mapped[bool] = mapped_column()
    subtotal_amount: Mapped[int] = mapped_column()
    tax_amount: Mapped[int] = mapped_column()
    total_amount: Mapped[int] = mapped_column()
    paid_amount: Mapped[int] = mapped_column()
    line_count: Mapped[int] = mapped_column(Integer)

    lines: Mapped[list["InvoiceLine"]] = relationship(lazy="raise_on_sql", order_by="InvoiceLine.position")
    corrects: Mapped["Invoice | None"] = relationship(remote_side="Invoice.id", lazy="raise_on_sql")
    booking: Mapped[Booking | None] = relationship(lazy="raise_on_sql")
    order: Mapped[Order | None] = relationship(lazy="raise_on_sql")

    @property
    def number(self) -> str:
        """Its number, such as `INV-2026-000001`: without a gap in its year and series."""
        return f"{PREFIXES[self.kind]}-{self.year}-{self.sequence:06}"

    @property
    def seller(self) -> "Invoice":
        """The document as the bearer of who sold it."""
        return self

    @property
    def taxes(self) -> list["TaxTotal"]:
        """What its lines come to by tax rate, the lowest rate first."""
        rates = sorted({line.tax_rate_millionths for line in self.lines})
        alike = {rate: [line for line in self.lines if line.tax_rate_millionths == rate] for rate in rates}
        return [TaxTotal.of(rate, lines, inclusive=self.tax_inclusive) for rate, lines in alike.items()]

    @property
    def balance_amount(self) -> int:
        """What of an invoice was still to be paid when it was issued; of what gives money back, nothing."""
        return max(0, self.total_amount - self.paid_amount) if self.kind is InvoiceKind.INVOICE else 0


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """What the lines of one rate, in millionths, come to."""

    millionths: int
    net: Money
    tax: Money

    @classmethod
    def of(cls, millionths: int, lines: Sequence["InvoiceLine"], *, inclusive: bool) -> "TaxTotal":
        """Return the sums of some lines, of which there is one at least."""
        tax, currency = sum(line.tax_amount for line in lines), lines[0].currency
        amount = sum(line.amount for line in lines)
        return cls(millionths, Money(amount - tax if inclusive else amount, currency), Money(tax, currency))


class InvoiceLine(Base):
    """One thing on a document. `amount` is what was agreed; the tax is part of it, or comes on top of it."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("quantity > 0 AND unit_price_amount >= 0", name="quantity"),
        CheckConstraint("amount = quantity * unit_price_amount", name="amount"),
        CheckConstraint("tax_amount >= 0 AND tax_rate_millionths BETWEEN 0 AND 1000000", name="tax"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    position: Mapped[int] = mapped_column(Integer)
    description: Mapped[str] = mapped_column(String(500))
    quantity: Mapped[int] = mapped_column()
    unit_price_amount: Mapped[int] = mapped_column()
    amount: Mapped[int] = mapped_column()
    tax_rate_millionths: Mapped[int] = mapped_column(Integer)
    tax_amount: Mapped[int] = mapped_column()
    currency: Mapped[str] = mapped_column(String(3))


class InvoiceSeries(Base):
    """The last number of a series in a year; its row is locked from the taking of a number to the commit."""

    __tablename__ = "invoice_series"
    __table_args__ = (CheckConstraint("last >= 0", name="last"),)

    kind: Mapped[InvoiceKind] = mapped_column(word_of(InvoiceKind, "kind"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column()


_bills_it = (Invoice.order_id == Order.id) & (Invoice.kind == InvoiceKind.INVOICE)
inspect(Order).add_property(
    "invoice_id", column_property(select(Invoice.id).where(_bills_it).correlate_except(Invoice).scalar_subquery())
)
