"""The ledger of stock: what came, went, was promised and given back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.models.booking import Booking
from app.models.order import Order


class MovementKind(StrEnum):
    """Why stock changed (product.md §6)."""

    RECEIPT = "receipt"
    SALE = "sale"
    RESERVATION = "reservation"
    RELEASE = "release"
    CONSUMPTION = "consumption"
    CORRECTION = "correction"
    RETURN = "return"


LAWFUL_CHANGES = {
    MovementKind.RECEIPT: "on_hand_change > 0 AND reserved_change = 0",
    MovementKind.SALE: "on_hand_change < 0 AND reserved_change IN (0, on_hand_change) AND order_id IS NOT NULL",
    MovementKind.RESERVATION: "on_hand_change = 0 AND reserved_change > 0 AND order_id IS NOT NULL",
    MovementKind.RELEASE: "on_hand_change = 0 AND reserved_change < 0 AND order_id IS NOT NULL",
    MovementKind.CONSUMPTION: (
        "on_hand_change <= 0 AND reserved_change = 0 AND shortfall - on_hand_change > 0 AND booking_id IS NOT NULL"
    ),
    MovementKind.CORRECTION: "on_hand_change <> 0 AND reserved_change = 0",
    MovementKind.RETURN: "on_hand_change > 0 AND reserved_change = 0 AND order_id IS NOT NULL",
}
"""What each kind of movement may do to the two counters."""

_LAWFUL = " OR ".join(f"(kind = '{kind}' AND {changes})" for kind, changes in LAWFUL_CHANGES.items())
_OF_ORDERS = text("kind IN ('reservation', 'release', 'sale')")
_OF_BOOKINGS = text("kind = 'consumption'")


class StockMovement(Base):
    """One change of a product's counters, and what they were after it. Rows are never changed, and never removed.

    `shortfall` is what was used beyond what was there, as far as the counters know.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint(_LAWFUL, name="lawful"),
        CheckConstraint("shortfall = 0 OR (shortfall > 0 AND kind = 'consumption')", name="shortfall"),
        CheckConstraint("0 <= reserved_after AND reserved_after <= on_hand_after", name="after"),
        Index("ix_stock_movements_product_id", "product_id", "id"),
        Index(
            "uq_stock_movements_order_id",
            *("order_id", "product_id", "kind"),
            unique=True,
            postgresql_where=_OF_ORDERS,
            sqlite_where=_OF_ORDERS,
        ),
        Index("ix_stock_movements_order_id", "order_id"),
        Index(
            "uq_stock_movements_booking_id",
            *("booking_id", "product_id"),
            unique=True,
            postgresql_where=_OF_BOOKINGS,
            sqlite_where=_OF_BOOKINGS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[MovementKind] = mapped_column(word_of(MovementKind, "kind"))
    on_hand_change: Mapped[int] = mapped_column(default=0)
    reserved_change: Mapped[int] = mapped_column(default=0)
    on_hand_after: Mapped[int] = mapped_column()
    reserved_after: Mapped[int] = mapped_column()
    shortfall: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(500), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    order: Mapped[Order | None] = relationship(lazy="raise_on_sql")
    booking: Mapped[Booking | None] = relationship(lazy="raise_on_sql")

    @property
    def reference(self) -> str | None:
        """What it was for, in people's words: the reference of its order or booking."""
        cause = self.order or self.booking
        return None if cause is None else cause.reference

    @property
    def quantity(self) -> int:
        """What moved, with its sign: of the stock itself, or of what is promised where the stock stayed."""
        return self.on_hand_change or self.reserved_change
