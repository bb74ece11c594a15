"""Things that can be occupied: staff members and spaces share one id space, so that one constraint guards them all."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, Json, word_of
from app.kit.money import Money
from app.models.service import DEPOSIT_CHECK, DepositType


class ResourceKind(StrEnum):
    """What kind of thing is occupied."""

    STAFF = "staff"
    SPACE = "space"


class Resource(Base):
    """Something with an IANA time zone and opening hours that can be taken once at a time."""

    __tablename__ = "resources"
    __table_args__: Any = (
        CheckConstraint("length(name) > 0", name="name"),
        Index("ix_resources_kind_name", "kind", "name", "id"),
        Index("ix_resources_kind_created_at", "kind", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ResourceKind] = mapped_column(word_of(ResourceKind, "kind"))
    name: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    __mapper_args__ = {"polymorphic_on": "kind", "version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own protocol


class Staff(Resource):
    """A staff member: a resource that performs services, perhaps with an account (`user_id`) of its own."""

    __tablename__ = "staff"
    __table_args__: Any = (UniqueConstraint("user_id"),)

    id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(32))
    bio: Mapped[str] = mapped_column(String(2000), default="")
    avatar_url: Mapped[str | None] = mapped_column(String(500))

    __mapper_args__ = {"polymorphic_identity": ResourceKind.STAFF}  # noqa: RUF012  # the same


class Space(Resource):
    """A space that its owner lets by time."""

    __tablename__ = "spaces"
    __table_args__: Any = (
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("price_per_hour_amount >= 0", name="price_per_hour"),
        CheckConstraint("0 < min_minutes AND min_minutes <= max_minutes", name="minutes"),
        CheckConstraint(DEPOSIT_CHECK, name="deposit"),
        CheckConstraint(
            "min_notice_minutes >= 0 AND max_advance_days > 0 AND cancellation_window_minutes >= 0",
            name="limits",
        ),
        Index("ix_spaces_owner_id", "owner_id"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    description: Mapped[str] = mapped_column(String(5000), default="")
    address: Mapped[str] = mapped_column(String(500))
    city: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    capacity: Mapped[int] = mapped_column(Integer)
    amenities: Mapped[list[Any]] = mapped_column(Json, default=list)
    price_per_hour_amount: Mapped[int] = mapped_column()
    currency: Mapped[str] = mapped_column(String(3))
    min_minutes: Mapped[int] = mapped_column(Integer, default=60)
    max_minutes: Mapped[int] = mapped_column(Integer, default=1440)
    instant_booking: Mapped[bool] = mapped_column(default=True)
    deposit_type: Mapped[DepositType] = mapped_column(word_of(DepositType, "deposit_type"), default=DepositType.NONE)
    deposit_value: Mapped[int] = mapped_column(default=0)
    min_notice_minutes: Mapped[int] = mapped_column(Integer, default=0)
    max_advance_days: Mapped[int] = mapped_column(Integer, default=365)
    cancellation_window_minutes: Mapped[int] = mapped_column(Integer, default=1440)

    __mapper_args__ = {"polymorphic_identity": ResourceKind.SPACE}  # noqa: RUF012  # the same

    @property
    def price_per_hour(self) -> Money:
        """What one hour costs."""
        return Money(self.price_per_hour_amount, self.currency)
