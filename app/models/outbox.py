"""Announcements and tasks, written in the transaction of the change they follow from."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base

_WAITING, _DEAD = text("done_at IS NULL AND dead_at IS NULL"), text("dead_at IS NOT NULL")


class OutboxEvent(Base):
    """Something to be done at least once, not before `due_at`. A worker claims it until `claimed_until`."""

    __tablename__ = "outbox_events"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("done_at IS NULL OR dead_at IS NULL", name="one_end"),
        Index("ix_outbox_events_due_at", "due_at", "id", postgresql_where=_WAITING, sqlite_where=_WAITING),
        Index("ix_outbox_events_dead_at", "dead_at", postgresql_where=_DEAD, sqlite_where=_DEAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
