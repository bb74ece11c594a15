"""Conversations about bookings, and the other names of what can be booked."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of

LONGEST_ALIAS: Final = 100


class AliasKind(StrEnum):
    """What is called by another name."""

    SERVICE = "service"
    STAFF = "staff"
    SPACE = "space"


class VoiceSession(Base):
    """A conversation: `state` is what was understood so far, and what was asked last.

    Its `key` names it; anonymous ones, in which nothing can be booked, have no `user_id`. A proposal waits to be
    confirmed by a token, of which the hash alone is kept; `hold_id` keeps its time. `booking_id` is what became of it.
    """

    __tablename__ = "voice_sessions"
    __table_args__ = (
        CheckConstraint("created_at < expires_at", name="lifetime"),
        CheckConstraint("length(key) > 0", name="key"),
        CheckConstraint("confirm_hash IS NULL OR user_id IS NOT NULL", name="owner"),
        CheckConstraint("hold_id IS NULL OR confirm_hash IS NOT NULL", name="hold"),
        CheckConstraint("booking_id IS NULL OR confirm_hash IS NOT NULL", name="booking"),
        UniqueConstraint("key"),
        UniqueConstraint("confirm_hash"),
        UniqueConstraint("hold_id"),
        Index("ix_voice_sessions_user_id", "user_id", "created_at"),
        Index("ix_voice_sessions_booking_id", "booking_id"),
        Index("ix_voice_sessions_expires_at", "expires_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    state: Mapped[dict[str, Any]]
    confirm_hash: Mapped[str | None] = mapped_column(String(64))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("holds.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]


class VoiceAlias(Base):
    """Another name that clients have for a service, a staff member or a space.

    `text_key` is the text as words are compared; of each kind it is there once.
    """

    __tablename__ = "voice_aliases"
    __table_args__ = (
        CheckConstraint("length(text) > 0", name="text"),
        CheckConstraint("length(text_key) > 0", name="text_key"),
        CheckConstraint(
            "(kind = 'service') = (service_id IS NOT NULL) AND (kind = 'service') = (resource_id IS NULL)", name="thing"
        ),
        UniqueConstraint("kind", "text_key"),
        Index("ix_voice_aliases_service_id", "service_id"),
        Index("ix_voice_aliases_resource_id", "resource_id"),
        Index("ix_voice_aliases_created_at", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AliasKind] = mapped_column(word_of(AliasKind, "kind"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    text: Mapped[str] = mapped_column(String(LONGEST_ALIAS))
    text_key: Mapped[str] = mapped_column(String(LONGEST_ALIAS))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    @property
    def staff_id(self) -> int | None:
        """The staff member who is called so."""
        return self.resource_id if self.kind is AliasKind.STAFF else None

    @property
    def space_id(self) -> int | None:
        """The space that is called so."""
        return self.resource_id if self.kind is AliasKind.SPACE else None
