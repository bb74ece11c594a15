"""What people say about the business as a whole."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.models.user import User

MOST_TESTIMONIALS = 5
"""How many testimonials one person may have."""


class TestimonialStatus(StrEnum):
    """Whether everybody sees a testimonial, or its author and admins alone: not yet, or not any more."""

    PENDING = "pending"
    PUBLISHED = "published"
    HIDDEN = "hidden"


class Testimonial(Base):
    """Free text and stars about the business; `number` is which of its author's few it is."""

    __tablename__ = "testimonials"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint("length(content) > 0", name="content"),
        CheckConstraint(f"number BETWEEN 1 AND {MOST_TESTIMONIALS}", name="number"),
        Index("uq_testimonials_user_id", "user_id", "number", unique=True),
        Index("ix_testimonials_created_at", "status", "created_at", "id"),
        Index("ix_testimonials_rating", "status", "rating", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(String(2000))
    rating: Mapped[int] = mapped_column(Integer)
    status: Mapped[TestimonialStatus] = mapped_column(
        word_of(TestimonialStatus, "status"), default=TestimonialStatus.PENDING
    )
    status_reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)

    user: Mapped[User] = relationship(lazy="raise_on_sql")
