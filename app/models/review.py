"""What clients say about a visit or a space that they had, and what it is about."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.models.user import User

_PUBLISHED, _HIDDEN = text("status = 'published'"), text("status = 'hidden'")


class ReviewStatus(StrEnum):
    """Whether everybody sees a review, or its author and admins alone."""

    PUBLISHED = "published"
    HIDDEN = "hidden"


class Review(Base):
    """The stars and words of one completed booking, written by its client, and perhaps the house's reply.

    `updated_at` is when its author last changed it. The words go when the author is erased; the stars stay.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint(
            "(reply_text IS NULL) = (replied_at IS NULL) AND (reply_text IS NULL) = (replied_by IS NULL)", name="reply"
        ),
        UniqueConstraint("id", "rating", "created_at", name="uq_reviews_copied"),
        Index("uq_reviews_booking_id", "booking_id", unique=True),
        Index("ix_reviews_author_id", "author_id", "created_at", "id"),
        Index("ix_reviews_created_at", "created_at", "id"),
        Index("ix_reviews_rating", "rating", "id", postgresql_where=_PUBLISHED, sqlite_where=_PUBLISHED),
        Index("ix_reviews_hidden", "created_at", "id", postgresql_where=_HIDDEN, sqlite_where=_HIDDEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    rating: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(String(2000), default="")
    status: Mapped[ReviewStatus] = mapped_column(word_of(ReviewStatus, "status"), default=ReviewStatus.PUBLISHED)
    status_reason: Mapped[str] = mapped_column(String(500), default="")
    reply_text: Mapped[str | None] = mapped_column(String(2000))
    replied_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    replied_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)

    author: Mapped[User] = relationship(foreign_keys=author_id, lazy="raise_on_sql")
    replier: Mapped[User | None] = relationship(foreign_keys=replied_by, lazy="raise_on_sql")

    @property
    def counted(self) -> int | None:
        """The stars by which it counts: its own, or none while it is hidden."""
        return self.rating if self.status is ReviewStatus.PUBLISHED else None


class ReviewSubject(Base):
    """One of the things that a review is about: a service, or a resource (a staff member or a space).

    `rating` and `created_at` are the review's own: they stand here so that the reviews of one subject are one range of
    an index, in either order. The reference to all three columns keeps them equal, on both databases.
    """

    __tablename__ = "review_subjects"
    __table_args__ = (
        CheckConstraint("(service_id IS NULL) <> (resource_id IS NULL)", name="one_subject"),
        ForeignKeyConstraint(
            ["review_id", "rating", "created_at"],
            ["reviews.id", "reviews.rating", "reviews.created_at"],
            name="fk_review_subjects_review_id_reviews",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        UniqueConstraint("review_id", "service_id"),
        UniqueConstraint("review_id", "resource_id"),
        Index("ix_review_subjects_service_id", "service_id", "created_at", "review_id"),
        Index("ix_review_subjects_service_id_rating", "service_id", "rating", "review_id"),
        Index("ix_review_subjects_resource_id", "resource_id", "created_at", "review_id"),
        Index("ix_review_subjects_resource_id_rating", "resource_id", "rating", "review_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column()
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    rating: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
