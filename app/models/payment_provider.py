"""What payment providers said, and under which names they know our people and their cards."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.models.payment import LONGEST_NAME
from app.models.payment_life import Verdict

_UNREAD = text("verdict IS NULL")


class ProviderEvent(Base):
    """One message of a provider, kept once. Until it has a verdict it waits to be applied."""

    __tablename__ = "provider_events"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        CheckConstraint("(verdict IS NULL) = (applied_at IS NULL)", name="verdict_at"),
        Index("ix_provider_events_received_at", "received_at", "id"),
        Index("ix_provider_events_verdict", "verdict", "received_at", "id"),
        Index("ix_provider_events_payment_id", "payment_id"),
        Index("ix_provider_events_unread", "received_at", "id", postgresql_where=_UNREAD, sqlite_where=_UNREAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(32))
    event_id: Mapped[str] = mapped_column(String(LONGEST_NAME))
    kind: Mapped[str] = mapped_column(String(100))
    provider_reference: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    payment_reference: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    amount: Mapped[int | None] = mapped_column()
    currency: Mapped[str | None] = mapped_column(String(16))
    proof: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What a signed message proves, written and read by `app.payments.service.evidence`; empty for a reason to ask."""

    raw: Mapped[dict[str, Any]] = mapped_column(default=dict)
    verdict: Mapped[Verdict | None] = mapped_column(word_of(Verdict, "verdict"))
    detail: Mapped[str] = mapped_column(String(500), default="")
    received_at: Mapped[datetime] = mapped_column(default=utcnow)
    applied_at: Mapped[datetime | None]


class StoredCard(Base):
    """A card that a provider keeps for somebody: its token there, and what may be known of it. Detached ones stay."""

    __tablename__ = "payment_methods"
    __table_args__ = (
        UniqueConstraint("provider", "token"),
        CheckConstraint("length(last4) = 4", name="last4"),
        CheckConstraint("exp_month BETWEEN 1 AND 12 AND exp_year BETWEEN 2000 AND 2999", name="expiry"),
        Index("ix_payment_methods_user_id", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    provider: Mapped[str] = mapped_column(String(32))
    token: Mapped[str] = mapped_column(String(LONGEST_NAME))
    brand: Mapped[str] = mapped_column(String(32))
    last4: Mapped[str] = mapped_column(String(4))
    exp_month: Mapped[int] = mapped_column(Integer)
    exp_year: Mapped[int] = mapped_column(Integer)
    detached_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class PaymentCustomer(Base):
    """Under which name a provider knows an account."""

    __tablename__ = "payment_customers"
    __table_args__ = (UniqueConstraint("provider", "customer"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    provider: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer: Mapped[str] = mapped_column(String(LONGEST_NAME))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
