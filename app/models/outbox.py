"""Announcements and tasks, written in the transaction of the change they follow from."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base

_WAITING, _DONE, _DEAD = (
    text(rule) for rule in ("done_at IS NULL AND dead_at IS NULL", "done_at IS NOT NULL", "dead_at IS NOT NULL")
)
_CLAIMED = text("claimed_until IS NOT NULL AND done_at IS NULL AND dead_at IS NULL")
_IN_LINE = text("subject IS NOT NULL AND done_at IS NULL AND dead_at IS NULL")


class OutboxEvent(Base):
    """Something to be done at least once, not before `due_at`. A worker claims it until `claimed_until`.

    Tasks of one `topic` and one `subject`, such as `booking:17`, stand in line; those without a subject do not.
    """

    __tablename__ = "outbox_events"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("failures >= 0", name="failures"),
        CheckConstraint("done_at IS NULL OR dead_at IS NULL", name="one_end"),
        CheckConstraint("length(subject) > 0", name="subject"),
        Index("ix_outbox_events_due_at", "due_at", "id", postgresql_where=_WAITING, sqlite_where=_WAITING),
        Index("ix_outbox_events_dead_at", "dead_at", "id", postgresql_where=_DEAD, sqlite_where=_DEAD),
        Index("ix_outbox_events_done_at", "done_at", "id", postgresql_where=_DONE, sqlite_where=_DONE),
        Index("ix_outbox_events_claimed", "claimed_until", postgresql_where=_CLAIMED, sqlite_where=_CLAIMED),
        Index("ix_outbox_events_subject", "subject", "topic", "id", postgresql_where=_IN_LINE, sqlite_where=_IN_LINE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str | None] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """Attempts that came to an end, a bad one: the pauses grow by these. The others' workers died, or are at it."""

    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class PeriodicTask(Base):
    """When something periodic is due next. Whoever moves `due_at` on, and nobody else, has it done."""

    __tablename__ = "periodic_tasks"
    __table_args__ = (CheckConstraint("length(name) > 0", name="name"),)

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    due_at: Mapped[datetime] = mapped_column()
