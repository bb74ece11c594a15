"""What is sold over the counter and the shop's window, and the counters of what is there of it."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.kit.money import LARGEST_AMOUNT, Money

MOST_STOCK: Final = 10**9
"""More units than this of one product are a mistake."""

LONGEST_SKU: Final = 64
LONGEST_SKU_KEY: Final = 3 * LONGEST_SKU
"""Without capitals a letter may be three, as in "ﬃ"."""

IS_LOW = "tracked AND active AND reorder_level >= on_hand - reserved"
"""The single column stands left: so SQLite turns a comparison, and only then finds the index that says the same."""
_LOW = text(IS_LOW)

IS_OUT = "tracked AND on_hand <= reserved"
_OUT = text(IS_OUT)


class ProductKind(StrEnum):
    """Goods, visits of a service paid ahead, or money paid ahead."""

    RETAIL = "retail"
    PACKAGE = "package"
    GIFT_CARD = "gift_card"


class ProductCategory(Base):
    """A heading under which products are listed."""

    __tablename__ = "product_categories"
    __table_args__ = (UniqueConstraint("name"), CheckConstraint("length(name) > 0", name="name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(1000), default="")
    position: Mapped[int] = mapped_column(Integer, default=0)


class Product(Base):
    """A product. Retired ones (`active` false) stay for the orders that name them.

    `on_hand` is what lies in the house, `reserved` what of it is promised to open orders. Both change by SQL alone,
    in the transaction that writes the movement (`app.products.stock`), and `version` with them: whoever has seen the
    stock has seen the version. Of a product that is not `tracked` there is always enough, and both stay 0.
    """

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("sku_key"),
        CheckConstraint("length(sku) > 0 AND length(sku_key) > 0", name="sku"),
        CheckConstraint("length(name) > 0", name="name"),
        CheckConstraint(
            f"price_amount BETWEEN 0 AND {LARGEST_AMOUNT} AND (cost_amount IS NULL OR cost_amount >= 0)",
            name="amounts",
        ),
        CheckConstraint(f"0 <= reserved AND reserved <= on_hand AND on_hand <= {MOST_STOCK}", name="stock"),
        CheckConstraint("tracked OR on_hand = 0", name="tracked"),
        CheckConstraint("reorder_level >= 0", name="reorder_level"),
        CheckConstraint(
            "(kind = 'package') = (package_service_id IS NOT NULL)"
            " AND (kind = 'package') = (package_visits IS NOT NULL)"
            " AND (kind = 'package') = (valid_days IS NOT NULL AND card_amount IS NULL)",
            name="package",
        ),
        CheckConstraint("package_visits BETWEEN 1 AND 1000", name="package_visits"),
        CheckConstraint("valid_days BETWEEN 1 AND 3660", name="valid_days"),
        CheckConstraint("(kind = 'gift_card') = (card_amount IS NOT NULL)", name="gift_card"),
        CheckConstraint(f"card_amount BETWEEN 1 AND {LARGEST_AMOUNT}", name="card_amount"),
        Index("ix_products_name", "name", "id"),
        Index("ix_products_price", "price_amount", "id"),
        Index("ix_products_created_at", "created_at", "id"),
        Index("ix_products_category_id", "category_id"),
        Index("ix_products_package_service_id", "package_service_id"),
        Index("ix_products_sold_out", "name", "id", postgresql_where=_OUT, sqlite_where=_OUT),
        Index("ix_products_low_stock", "sku_key", "id", postgresql_where=_LOW, sqlite_where=_LOW),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ProductKind] = mapped_column(word_of(ProductKind, "kind"), default=ProductKind.RETAIL)
    sku: Mapped[str] = mapped_column(String(LONGEST_SKU))
    sku_key: Mapped[str] = mapped_column(String(LONGEST_SKU_KEY))
    """The SKU without capitals: two that differ by them alone are one."""

    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(5000), default="")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("product_categories.id"))
    price_amount: Mapped[int] = mapped_column()
    cost_amount: Mapped[int | None] = mapped_column()
    currency: Mapped[str] = mapped_column(String(3))
    package_service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    package_visits: Mapped[int | None] = mapped_column(Integer)
    card_amount: Mapped[int | None] = mapped_column()
    valid_days: Mapped[int | None] = mapped_column(Integer)
    """How long a package or a gift card may be used after its purchase; null, which only a card may be: for ever."""

    tracked: Mapped[bool] = mapped_column(default=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    reorder_level: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    category: Mapped[ProductCategory | None] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own protocol

    @property
    def available(self) -> int | None:
        """What may still be sold; None where there is always enough."""
        return self.on_hand - self.reserved if self.tracked else None

    @property
    def price(self) -> Money:
        """What one costs."""
        return Money(self.price_amount, self.currency)

    @property
    def cost(self) -> Money | None:
        """What one costs the house, if that is known."""
        return None if self.cost_amount is None else Money(self.cost_amount, self.currency)

    @property
    def is_low(self) -> bool:
        """Whether it is on sale and there is as little of it as its reorder level, or less."""
        return self.tracked and self.active and self.on_hand - self.reserved <= self.reorder_level
