"""The audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base


class AuditEntry(Base):
    """Who did what to which thing, when and from where. The database refuses every change and removal of an entry.

    The one exception: `address`, and `request_id` with it, may be forgotten, for whoever has their data erased.
    `before` and `after` hold the fields that changed, never secrets, names or contact data.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_created_at", "created_at", "id"),
        Index("ix_audit_entries_actor_id", "actor_id", "created_at", "id"),
        Index("ix_audit_entries_action", "action", "created_at", "id"),
        Index("ix_audit_entries_object_id", "object_type", "object_id", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str] = mapped_column(String(64))
    object_type: Mapped[str] = mapped_column(String(32), default="")
    object_id: Mapped[int | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    address: Mapped[str | None] = mapped_column(String(45))
    request_id: Mapped[str] = mapped_column(String(128), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
