"""What staff do for clients: services, their categories, and who performs them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.models.rated import Rated, lawful_counts


class DepositType(StrEnum):
    """How a deposit is reckoned: not at all, a fixed amount in minor units, or a percentage of the price."""

    NONE = "none"
    FIXED = "fixed"
    PERCENT = "percent"


DEPOSIT_CHECK = "deposit_value >= 0 AND (deposit_type <> 'percent' OR deposit_value <= 100)"
"""The same rule for every table that has a deposit rule."""


class Category(Base):
    """A heading under which services are listed."""

    __tablename__ = "service_categories"
    __table_args__ = (UniqueConstraint("name"), CheckConstraint("length(name) > 0", name="name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(1000), default="")
    position: Mapped[int] = mapped_column(Integer, default=0)


class Service(Rated, Base):
    """A service with its price, times and policies. Retired ones stay for the bookings that name them."""

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
        CheckConstraint("buffer_before_minutes BETWEEN 0 AND 1440", name="buffer_before"),
        CheckConstraint("buffer_after_minutes BETWEEN 0 AND 1440", name="buffer_after"),
        CheckConstraint("price_amount >= 0", name="price"),
        *lawful_counts(),
        CheckConstraint(DEPOSIT_CHECK, name="deposit"),
        CheckConstraint(
            "min_notice_minutes >= 0 AND max_advance_days > 0 AND cancellation_window_minutes >= 0",
            name="limits",
        ),
        Index("ix_services_name", "name", "id"),
        Index("ix_services_price", "price_amount", "id"),
        Index("ix_services_created_at", "created_at", "id"),
        Index("ix_services_category_id", "category_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("service_categories.id"))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(5000), default="")
    duration_minutes: Mapped[int] = mapped_column(Integer)
    buffer_before_minutes: Mapped[int] = mapped_column(Integer, default=0)
    buffer_after_minutes: Mapped[int] = mapped_column(Integer, default=0)
    price_amount: Mapped[int] = mapped_column()
    currency: Mapped[str] = mapped_column(String(3))
    deposit_type: Mapped[DepositType] = mapped_column(word_of(DepositType, "deposit_type"), default=DepositType.NONE)
    deposit_value: Mapped[int] = mapped_column(default=0)
    requires_approval: Mapped[bool] = mapped_column(default=False)
    min_notice_minutes: Mapped[int] = mapped_column(Integer, default=0)
    max_advance_days: Mapped[int] = mapped_column(Integer, default=365)
    cancellation_window_minutes: Mapped[int] = mapped_column(Integer, default=1440)
    rebook_after_days: Mapped[int | None] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    category: Mapped[Category] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own protocol

    @property
    def category_name(self) -> str:
        """What its category is called, where that was loaded with it."""
        return self.category.name


class Assignment(Base):
    """Staff member S performs service V, perhaps at an own price or in an own time."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("staff_id", "service_id"),
        CheckConstraint("price_amount >= 0", name="price"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
        Index("ix_assignments_service_id", "service_id", "staff_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    price_amount: Mapped[int | None] = mapped_column()
    currency: Mapped[str] = mapped_column(String(3))
    duration_minutes: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
