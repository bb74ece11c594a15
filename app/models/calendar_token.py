"""Keys to private calendar feeds."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base

_OWN = text("staff_id IS NULL")


class CalendarToken(Base):
    """What opens one private calendar feed, known by its hash alone.

    Without `staff_id` the feed has what the account has booked. With it, it is the staff member's, and `user_id` is
    the account that the staff member had when the token was issued: with another one, or none, it opens nothing.
    """

    __tablename__ = "calendar_tokens"
    __table_args__ = (
        UniqueConstraint("staff_id"),
        CheckConstraint("user_id IS NOT NULL OR staff_id IS NOT NULL", name="subject"),
        Index("uq_calendar_tokens_own", "user_id", unique=True, postgresql_where=_OWN, sqlite_where=_OWN),
        Index("ix_calendar_tokens_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
