"""The books: every movement of money from one account to another, and what it was for."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.kit.money import LARGEST_AMOUNT, Money


class Account(StrEnum):
    """Where money is, or what it is; docs/money.md says what each one means."""

    CASH = "cash"
    CARD_TERMINAL = "card_terminal"
    STRIPE = "stripe"
    MPESA = "mpesa"
    RECEIVABLE = "receivable"
    GIFT_CARDS = "gift_cards"
    PACKAGES = "packages"
    TAX = "tax"
    REVENUE = "revenue"
    FEES_KEPT = "fees_kept"
    BREAKAGE = "breakage"
    OPENING = "opening"


class EntryKind(StrEnum):
    """What has happened to the money."""

    PAYMENT = "payment"
    REFUND = "refund"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    FEE = "fee"
    ISSUE = "issue"
    EXPIRY = "expiry"
    VOID = "void"
    OPENING = "opening"


CAUSES: Final = ("payment_id", "refund_id", "invoice_id", "gift_card_movement_id", "package_movement_id")
"""The columns that say of what an entry is; of a fee none of them does, but its booking."""

_OF_PREPAID: Final = "(gift_card_movement_id IS NOT NULL OR package_movement_id IS NOT NULL)"
CAUSE_OF: Final = {
    EntryKind.PAYMENT: "payment_id IS NOT NULL",
    EntryKind.REFUND: "refund_id IS NOT NULL",
    EntryKind.INVOICE: "invoice_id IS NOT NULL",
    EntryKind.CREDIT_NOTE: "invoice_id IS NOT NULL",
    EntryKind.FEE: "booking_id IS NOT NULL",
    EntryKind.ISSUE: _OF_PREPAID,
    EntryKind.EXPIRY: _OF_PREPAID,
    EntryKind.VOID: _OF_PREPAID,
    EntryKind.OPENING: _OF_PREPAID,
}
"""What each kind of entry must be of."""

_LAWFUL = " OR ".join(f"(kind = '{kind}' AND {rule})" for kind, rule in CAUSE_OF.items())
_HOW_MANY = " + ".join(f"CASE WHEN {cause} IS NULL THEN 0 ELSE 1 END" for cause in CAUSES)


def _once_for(column: str, rule: str) -> Index:
    """Return the index by which a cause moves money once from one account to another."""
    where, columns = text(rule), (column, "kind", "debit", "credit")
    return Index(f"uq_ledger_entries_{column}", *columns, unique=True, postgresql_where=where, sqlite_where=where)


class LedgerEntry(Base):
    """So much money went into the account `debit` and out of the account `credit`. Rows are never changed or removed.

    Both sides are one row: whatever is in the table is balanced. `booking_id` or `order_id` says whose account with us
    `receivable` is.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint(f"amount BETWEEN 1 AND {LARGEST_AMOUNT}", name="amount"),
        CheckConstraint("debit <> credit", name="sides"),
        CheckConstraint(_LAWFUL, name="lawful"),
        CheckConstraint(f"{_HOW_MANY} = CASE WHEN kind = 'fee' THEN 0 ELSE 1 END", name="cause"),
        CheckConstraint("booking_id IS NULL OR order_id IS NULL", name="about"),
        CheckConstraint(
            "(debit <> 'receivable' AND credit <> 'receivable') OR booking_id IS NOT NULL OR order_id IS NOT NULL",
            name="receivable",
        ),
        *(_once_for(cause, f"{cause} IS NOT NULL") for cause in CAUSES),
        _once_for("booking_id", "kind = 'fee'"),
        Index("ix_ledger_entries_posted_at", "posted_at", "id"),
        Index("ix_ledger_entries_booking_id", "booking_id"),
        Index("ix_ledger_entries_order_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    posted_at: Mapped[datetime] = mapped_column(default=utcnow)
    kind: Mapped[EntryKind] = mapped_column(word_of(EntryKind, "kind"))
    debit: Mapped[Account] = mapped_column(word_of(Account, "debit"))
    credit: Mapped[Account] = mapped_column(word_of(Account, "credit"))
    amount: Mapped[int] = mapped_column()
    currency: Mapped[str] = mapped_column(String(3))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    gift_card_movement_id: Mapped[int | None] = mapped_column(ForeignKey("gift_card_movements.id"))
    package_movement_id: Mapped[int | None] = mapped_column(ForeignKey("package_movements.id"))

    @property
    def money(self) -> Money:
        """What was moved."""
        return Money(self.amount, self.currency)
