"""What services use up of what lies in the house."""

from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.columns import Base
from app.models.product import Product

MOST_CONSUMABLES: Final = 50
"""Products that one service may use."""

MOST_CONSUMED: Final = 10_000
"""Units of one product that one performance of a service may use."""


class ServiceConsumable(Base):
    """So many units of a product are used up each time that a service is performed."""

    __tablename__ = "service_consumables"
    __table_args__ = (
        CheckConstraint(f"quantity BETWEEN 1 AND {MOST_CONSUMED}", name="quantity"),
        Index("ix_service_consumables_product_id", "product_id"),
    )

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column()

    product: Mapped[Product] = relationship(lazy="raise_on_sql")
