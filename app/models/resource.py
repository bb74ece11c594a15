"""Things that can be occupied: staff members and spaces share one id space, so that one constraint guards them all."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    event,
    select,
)
from sqlalchemy.orm import Mapped, Mapper, column_property, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, Json, word_of
from app.kit.money import Money
from app.kit.search import folded
from app.models.image import Image
from app.models.rated import Rated, lawful_counts
from app.models.service import DEPOSIT_CHECK, DepositType

LONGEST_CITY = 100


class ResourceKind(StrEnum):
    """What kind of thing is occupied."""

    STAFF = "staff"
    SPACE = "space"


class Resource(Rated, Base):
    """Something with an IANA time zone and opening hours that can be taken once at a time."""

    __tablename__ = "resources"
    __table_args__: Any = (
        CheckConstraint("length(name) > 0", name="name"),
        *lawful_counts(),
        CheckConstraint("retired_at IS NULL OR NOT active", name="retired"),
        Index("ix_resources_kind_name", "kind", "name", "id"),
        Index("ix_resources_kind_created_at", "kind", "created_at", "id"),
        Index("ix_resources_kind_rating", "kind", "rating_score", "id"),
        Index("ix_resources_kind_timezone", "kind", "timezone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ResourceKind] = mapped_column(word_of(ResourceKind, "kind"))
    name: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(default=True)
    retired_at: Mapped[datetime | None]
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
    avatar_key: Mapped[str | None] = column_property(
        select(Image.key)
        .where(Image.resource_id == id, Image.is_cover)  # noqa: A003  # the column
        .correlate_except(Image)
        .scalar_subquery(),
        deferred=True,  # profiles show it; whoever looks for somebody's time does not
    )

    __mapper_args__ = {"polymorphic_identity": ResourceKind.STAFF}  # noqa: RUF012  # the same


class SpaceStatus(StrEnum):
    """Whether a space is let at present."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"


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
        CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)"
            " AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
            name="coordinates",
        ),
        Index("ix_spaces_owner_id", "owner_id"),
        Index("ix_spaces_city_key", "city_key"),
        Index("ix_spaces_country", "country"),
        Index("ix_spaces_price", "price_per_hour_amount", "id"),
        Index("ix_spaces_coordinates", "latitude", "longitude"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    description: Mapped[str] = mapped_column(String(5000), default="")
    address: Mapped[str] = mapped_column(String(500))
    city: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
    latitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
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
    city_key: Mapped[str] = mapped_column(String(LONGEST_CITY), default="")
    words: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"polymorphic_identity": ResourceKind.SPACE}  # noqa: RUF012  # the same

    @property
    def price_per_hour(self) -> Money:
        """What one hour costs."""
        return Money(self.price_per_hour_amount, self.currency)

    @property
    def status(self) -> SpaceStatus:
        """Whether it is let."""
        return SpaceStatus.AVAILABLE if self.active else SpaceStatus.UNAVAILABLE


def city_key(city: str) -> str:
    """Return by what the spaces of a city are found: folding may make a name longer than the column."""
    return folded(city)[:LONGEST_CITY]


def search_keys(name: str, city: str, description: str) -> dict[str, str]:
    """Return the columns that a space is searched by: folded, what tells most of it first."""
    return {"city_key": city_key(city), "words": folded(f"{name}\n{city}\n{description}")}


@event.listens_for(Space, "before_insert")
@event.listens_for(Space, "before_update")
def _write_search_keys(_mapper: Mapper[Space], _connection: Connection, space: Space) -> None:
    """Keep them true, whoever writes a space."""
    for column, text in search_keys(space.name, space.city, space.description or "").items():
        setattr(space, column, text)
