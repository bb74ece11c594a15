"""Tokens that are mailed and work once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of


class TokenPurpose(StrEnum):
    """What a mailed token is good for, and nothing else."""

    PASSWORD_RESET = "password_reset"  # noqa: S105  # a word, not a secret
    INVITATION = "invitation"
    EMAIL_VERIFICATION = "email_verification"
    EMAIL_CHANGE = "email_change"


class OneTimeToken(Base):
    """A mailed token, known by its hash alone. `email` is where it was sent to, and what it proves."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (
        CheckConstraint("created_at < expires_at", name="lifetime"),
        Index("ix_one_time_tokens_user_id", "user_id", "purpose", "created_at"),
        Index("ix_one_time_tokens_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[TokenPurpose] = mapped_column(word_of(TokenPurpose, "purpose"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
