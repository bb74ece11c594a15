"""Endpoints of others that are told what happens here, and what each was told."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, Json, word_of

MOST_WEBHOOKS: Final = 20
"""How many endpoints there may be: each event is written once for every one that wants it."""

LONGEST_URL: Final = 2048

_PENDING = text("status = 'pending'")
_ASKED = text("status = 'pending' AND asked_after IS NOT NULL")


class DisabledBy(StrEnum):
    """Why an endpoint is sent nothing: an admin said so, it answered 410, or a day of nothing but failures."""

    ADMIN = "admin"
    GONE = "gone"
    FAILING = "failing"


class DeliveryStatus(StrEnum):
    """Whether an event is still to be delivered, was, or was given up."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Webhook(Base):
    """An endpoint; `number` is which of the few it is, `events` the names it wants, `*` for all.

    Secrets are sealed (see `app.webhooks.sealing`). `failures` counts those in a row, the first of them at
    `failing_since`. Nothing is sent before `free_at`.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint(f"number BETWEEN 1 AND {MOST_WEBHOOKS}", name="number"),
        CheckConstraint("url LIKE 'http%://%'", name="url"),
        CheckConstraint("length(secret) > 0", name="secret"),
        CheckConstraint("(old_secret IS NULL) = (old_secret_until IS NULL)", name="old_secret"),
        CheckConstraint("(disabled_at IS NULL) = (disabled_by IS NULL)", name="disabled"),
        CheckConstraint("failures >= 0 AND (failures = 0) = (failing_since IS NULL)", name="failures"),
        UniqueConstraint("number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    url: Mapped[str] = mapped_column(String(LONGEST_URL))
    description: Mapped[str] = mapped_column(String(200), default="")
    events: Mapped[list[str]] = mapped_column(Json)
    secret: Mapped[str] = mapped_column(Text)
    old_secret: Mapped[str | None] = mapped_column(Text)
    old_secret_until: Mapped[datetime | None]
    disabled_by: Mapped[DisabledBy | None] = mapped_column(word_of(DisabledBy, "disabled_by"))
    disabled_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer, default=0)
    failing_since: Mapped[datetime | None]
    free_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)

    @property
    def active(self) -> bool:
        """Whether it is sent anything."""
        return self.disabled_at is None

    @property
    def disabled(self) -> dict[str, Any] | None:
        """Since when it is sent nothing, and why; None where it is."""
        return None if self.active else {"at": self.disabled_at, "by": self.disabled_by}

    def wants(self, event: str) -> bool:
        """Say whether it asked for events of this name."""
        return event in self.events or "*" in self.events


class WebhookDelivery(Base):
    """An event on its way to an endpoint, in one attempt or several. `key` is the `webhook-id` that all of them bear.

    `event_key` names the event itself: an endpoint is told of it once. None for a test. `about` holds ids alone, and of
    an answer nothing is kept but its status. `asked_after` is how many attempts there had been when an admin asked for
    it, by a test or a replay, and waits for it; None where nobody did.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("asked_after BETWEEN 0 AND attempts", name="asked_after"),
        CheckConstraint("(status = 'pending') = (next_attempt_at IS NOT NULL)", name="next_attempt"),
        CheckConstraint("(status = 'delivered') = (delivered_at IS NOT NULL)", name="delivered"),
        CheckConstraint("last_status IS NULL OR last_status BETWEEN 100 AND 999", name="last_status"),
        CheckConstraint("last_ms >= 0", name="last_ms"),
        UniqueConstraint("key"),
        UniqueConstraint("webhook_id", "event_key"),
        Index("ix_webhook_deliveries_created_at", "webhook_id", "created_at", "id"),
        Index("ix_webhook_deliveries_status", "webhook_id", "status", "created_at", "id"),
        Index("ix_webhook_deliveries_give_up_at", "give_up_at", "id"),
        Index(
            "ix_webhook_deliveries_due",
            "webhook_id",
            "next_attempt_at",
            "id",
            postgresql_where=_PENDING,
            sqlite_where=_PENDING,
        ),
        Index(
            "ix_webhook_deliveries_asked",
            "webhook_id",
            "next_attempt_at",
            "id",
            postgresql_where=_ASKED,
            sqlite_where=_ASKED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(64))
    event_key: Mapped[str | None] = mapped_column(String(64))
    about: Mapped[dict[str, Any]]
    happened_at: Mapped[datetime]
    status: Mapped[DeliveryStatus] = mapped_column(word_of(DeliveryStatus, "status"), default=DeliveryStatus.PENDING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    asked_after: Mapped[int | None] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime | None]
    give_up_at: Mapped[datetime]
    last_attempt_at: Mapped[datetime | None]
    last_status: Mapped[int | None] = mapped_column(Integer)
    last_error: Mapped[str] = mapped_column(String(200), default="")
    last_ms: Mapped[int | None] = mapped_column(Integer)
    delivered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
