"""What clients may need next: what the nightly job found, what the business links itself, and who wants none of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from app.kit.clock import utcnow
from app.kit.columns import Base, Json, word_of

MOST_LINK_POSITION: Final = 10_000

_ONE_THING: Final = "(service_id IS NULL) <> (product_id IS NULL)"


class FoundBecause(StrEnum):
    """Why the job names a thing to a client."""

    DUE = "due"
    SIMILAR_CLIENTS = "similar_clients"
    BOUGHT_TOGETHER = "bought_together"
    GOES_WITH_SERVICE = "goes_with_service"


class RecommendationModel(Base):
    """What one run of the job knows: what happened before `day`. Readers use the newest that has `computed_at`."""

    __tablename__ = "recommendation_models"
    __table_args__ = (
        CheckConstraint("computed_at IS NULL OR computed_at >= started_at", name="computed"),
        CheckConstraint("clients >= 0", name="clients"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    computed_at: Mapped[datetime | None]
    clients: Mapped[int] = mapped_column(Integer, default=0)
    """For how many clients it has something of their own."""


class RecommendedThing(Base):
    """A service or product for one client; low positions first, `score` from 0 to 1 among those of one reason.

    `because` are the things it is based on, the one that counts most first, as pairs of kind and id.
    """

    __tablename__ = "recommended_things"
    __table_args__ = (
        CheckConstraint(_ONE_THING, name="one_thing"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
        CheckConstraint("(reason IN ('due', 'similar_clients')) = (service_id IS NOT NULL)", name="reason_kind"),
        CheckConstraint(
            "(reason = 'due') = (due_on IS NOT NULL) AND (reason = 'due') = (usual_interval_days IS NOT NULL)",
            name="due",
        ),
        CheckConstraint("usual_interval_days > 0", name="usual_interval"),
        Index("ix_recommended_things_client_id", "client_id"),
    )

    model_id: Mapped[int] = mapped_column(ForeignKey("recommendation_models.id"), primary_key=True, autoincrement=False)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    score: Mapped[float] = mapped_column(Float)
    reason: Mapped[FoundBecause] = mapped_column(word_of(FoundBecause, "reason"))
    because: Mapped[list[Any]] = mapped_column(Json, default=list)
    due_on: Mapped[date | None] = mapped_column(Date)
    usual_interval_days: Mapped[int | None] = mapped_column(Integer)


class PopularThing(Base):
    """A service or product that many take just now; `score` is its share of the most popular one of its kind."""

    __tablename__ = "popular_things"
    __table_args__ = (
        CheckConstraint(_ONE_THING, name="one_thing"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
    )

    model_id: Mapped[int] = mapped_column(ForeignKey("recommendation_models.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    score: Mapped[float] = mapped_column(Float)


def _once(source: str, target: str) -> SchemaItem:
    """Return the index by which two things are linked once."""
    rule = text(f"from_{source}_id IS NOT NULL AND to_{target}_id IS NOT NULL")
    columns = (f"from_{source}_id", f"to_{target}_id")
    name = f"uq_curated_links_{source}_{target}"
    return Index(name, *columns, unique=True, postgresql_where=rule, sqlite_where=rule)


class CuratedLink(Base):
    """Whoever has the first thing is told of the second, by the business's own wish; low positions first."""

    __tablename__ = "curated_links"
    __table_args__ = (
        CheckConstraint("(from_service_id IS NULL) <> (from_product_id IS NULL)", name="from"),
        CheckConstraint("(to_service_id IS NULL) <> (to_product_id IS NULL)", name="to"),
        CheckConstraint("from_service_id <> to_service_id AND from_product_id <> to_product_id", name="itself"),
        CheckConstraint(f"position BETWEEN 0 AND {MOST_LINK_POSITION}", name="position"),
        *(_once(source, target) for source in ("service", "product") for target in ("service", "product")),
        Index("ix_curated_links_position", "position", "id"),
        Index("ix_curated_links_created_at", "created_at", "id"),
        Index("ix_curated_links_from_service_id", "from_service_id"),
        Index("ix_curated_links_from_product_id", "from_product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    from_product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    to_service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    to_product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    position: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class RecommendationOptOut(Base):
    """Somebody wants no recommendations: a row means no. What the client took teaches the job nothing either."""

    __tablename__ = "recommendation_opt_outs"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
