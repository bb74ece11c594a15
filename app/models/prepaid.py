"""What was paid ahead: gift cards and packages, and the ledger of each of the two."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.kit.money import LARGEST_AMOUNT, Money
from app.kit.references import CODE_LENGTH

LONGEST_REFERENCE: Final = 64


class PrepaidStatus(StrEnum):
    """What may still be done with a card or package."""

    ACTIVE = "active"
    SPENT = "spent"
    EXPIRED = "expired"
    VOID = "void"


class PrepaidStep(StrEnum):
    """Why the balance of a card or package changed."""

    ISSUE = "issue"
    SPEND = "spend"
    GIVE_BACK = "give_back"
    EXPIRE = "expire"
    VOID = "void"


class Prepaid:
    """What gift cards and packages have in common: `value` was bought, and `balance` of it is left.

    Both count minor units on a card, and visits in a package. The balance changes by SQL alone, in the transaction
    that writes the movement (`app.prepaid.ledger`). `number` tells the units of one line of an order apart.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    value: Mapped[int] = mapped_column()
    balance: Mapped[int] = mapped_column()
    currency: Mapped[str] = mapped_column(String(3))
    sold_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who sold it over the counter, if that is where it was sold."""

    voided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    expires_at: Mapped[datetime | None]

    def status_at(self, now: datetime) -> PrepaidStatus:
        """Return the status as a reader must see it: past its time it is expired, whatever is left."""
        if self.voided_at is not None:
            return PrepaidStatus.VOID
        if self.expires_at is not None and self.expires_at <= now:
            return PrepaidStatus.EXPIRED
        return PrepaidStatus.ACTIVE if self.balance else PrepaidStatus.SPENT

    @property
    def current_status(self) -> PrepaidStatus:
        """The status as a reader must see it at this moment."""
        return self.status_at(utcnow())


def _rules_of(table: str) -> tuple[SchemaItem, ...]:
    return (
        UniqueConstraint("order_id", "product_id", "number"),
        CheckConstraint("0 <= balance AND balance <= value", name="balance"),
        CheckConstraint("voided_at IS NULL OR balance = 0", name="void"),
        Index(f"ix_{table}_client_id", "client_id", "created_at", "id"),
        Index(f"ix_{table}_created_at", "created_at", "id"),
        Index(
            f"ix_{table}_expires_at",
            "expires_at",
            postgresql_where=text("balance > 0"),
            sqlite_where=text("balance > 0"),
        ),
    )


class GiftCard(Prepaid, Base):
    """Money paid ahead, spent by whoever knows the code. `client_id` is its buyer, if that is known."""

    __tablename__ = "gift_cards"
    __table_args__ = (
        *_rules_of("gift_cards"),
        UniqueConstraint("code"),
        CheckConstraint(f"length(code) = {CODE_LENGTH}", name="code"),
        CheckConstraint(f"value BETWEEN 1 AND {LARGEST_AMOUNT}", name="value"),
    )

    client_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))


class Package(Prepaid, Base):
    """Visits of one service paid ahead, for one client. `price_amount` is what was paid for all of them."""

    __tablename__ = "packages"
    __table_args__ = (
        *_rules_of("packages"),
        CheckConstraint("value BETWEEN 1 AND 1000", name="value"),
        CheckConstraint("expires_at IS NOT NULL", name="expires"),
        CheckConstraint("price_amount >= 0", name="price"),
        Index("ix_packages_service_id", "client_id", "service_id", "expires_at", "id"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    price_amount: Mapped[int] = mapped_column()

    @property
    def price(self) -> Money:
        """What was paid for all visits."""
        return Money(self.price_amount, self.currency)


LAWFUL_STEPS = {
    PrepaidStep.ISSUE: "change > 0 AND balance_after = change AND reference = '' AND spend_id IS NULL",
    PrepaidStep.SPEND: "change < 0 AND reference <> '' AND spend_id IS NULL",
    PrepaidStep.GIVE_BACK: "change > 0 AND reference <> '' AND spend_id IS NOT NULL",
    PrepaidStep.EXPIRE: "change < 0 AND balance_after = 0 AND reference = '' AND spend_id IS NULL",
    PrepaidStep.VOID: "change < 0 AND balance_after = 0 AND reference = '' AND spend_id IS NULL",
}
"""What each kind of movement may do."""

_LAWFUL = " OR ".join(f"(kind = '{kind}' AND {changes})" for kind, changes in LAWFUL_STEPS.items())
_NAMED = text("reference <> ''")
_ISSUED = text("kind = 'issue'")


class PrepaidMovement:
    """One change of a balance, and what that was after it. Rows are never changed, and never removed.

    `reference` names the payment that spends, or the refund that gives back: each takes effect once. What is given
    back says of which spending (`spend_id`).
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PrepaidStep] = mapped_column(word_of(PrepaidStep, "kind"))
    change: Mapped[int] = mapped_column()
    balance_after: Mapped[int] = mapped_column()
    reference: Mapped[str] = mapped_column(String(LONGEST_REFERENCE), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    prepaid_id: Mapped[int]
    spend_id: Mapped[int | None]


def _rules_of_ledger(table: str) -> tuple[SchemaItem, ...]:
    return (
        CheckConstraint(_LAWFUL, name="lawful"),
        CheckConstraint("balance_after >= 0", name="balance"),
        Index(f"ix_{table}_prepaid_id", "prepaid_id", "created_at", "id"),
        Index(f"uq_{table}_prepaid_id", "prepaid_id", unique=True, postgresql_where=_ISSUED, sqlite_where=_ISSUED),
        Index(f"uq_{table}_reference", "reference", "kind", unique=True, postgresql_where=_NAMED, sqlite_where=_NAMED),
    )


class GiftCardMovement(PrepaidMovement, Base):
    """A change of a gift card's balance, in minor units."""

    __tablename__ = "gift_card_movements"
    __table_args__ = _rules_of_ledger("gift_card_movements")

    prepaid_id: Mapped[int] = mapped_column(ForeignKey("gift_cards.id"))
    spend_id: Mapped[int | None] = mapped_column(ForeignKey("gift_card_movements.id"))


class PackageMovement(PrepaidMovement, Base):
    """A change of a package's balance, in visits."""

    __tablename__ = "package_movements"
    __table_args__ = _rules_of_ledger("package_movements")

    prepaid_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    spend_id: Mapped[int | None] = mapped_column(ForeignKey("package_movements.id"))
