"""What people were told, and what they wish not to be told."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of

_REMINDER = text("concerns_at IS NOT NULL")


class NoticeChannel(StrEnum):
    """A way to tell somebody something."""

    EMAIL = "email"
    SMS = "sms"


class NoticeStatus(StrEnum):
    """Where a notification stands: still to be sent, sent, given up, or not to be sent after all."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class Notification(Base):
    """One mail or text to one person, without its words: these are made anew at each attempt.

    `about_type` and `about_id` are the thing it tells of. `concerns_at` is the start that a reminder is of: there is
    one for each start. `reason` says why one was suppressed, or failed. `address` is emptied when its owner is erased.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("task_id"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("status NOT IN ('suppressed', 'failed') OR reason <> ''", name="reason"),
        CheckConstraint("(about_type = '') = (about_id IS NULL)", name="about"),
        Index(
            "uq_notifications_reminder",
            "about_id",
            "kind",
            "channel",
            "concerns_at",
            unique=True,
            postgresql_where=_REMINDER,
            sqlite_where=_REMINDER,
        ),
        Index("ix_notifications_created_at", "created_at", "id"),
        Index("ix_notifications_status", "status", "created_at", "id"),
        Index("ix_notifications_user_id", "user_id", "created_at", "id"),
        Index("ix_notifications_about_id", "about_id", "about_type", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    channel: Mapped[NoticeChannel] = mapped_column(word_of(NoticeChannel, "channel"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    address: Mapped[str | None] = mapped_column(String(320))
    about_type: Mapped[str] = mapped_column(String(32), default="")
    about_id: Mapped[int | None] = mapped_column()
    concerns_at: Mapped[datetime | None]
    status: Mapped[NoticeStatus] = mapped_column(word_of(NoticeStatus, "status"), default=NoticeStatus.QUEUED)
    reason: Mapped[str] = mapped_column(String(64), default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    task_id: Mapped[int | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[datetime | None]


class MutedNotice(Base):
    """A kind of notice that somebody does not want by a channel: a row means no."""

    __tablename__ = "muted_notices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[NoticeChannel] = mapped_column(word_of(NoticeChannel, "channel"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
