"""The selects of the audit log."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select

from app.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are wanted; None means all. From the instant `first` on, until before `last`."""

    actor_id: int | None = None
    action: str | None = None
    object_type: str | None = None
    object_id: int | None = None
    first: datetime | None = None
    last: datetime | None = None


def entries(filters: Filters) -> Select[AuditEntry]:
    """Select the entries that match."""
    found = select(AuditEntry)
    for name in ("actor_id", "action", "object_type", "object_id"):
        wanted = getattr(filters, name)
        if wanted is not None:
            found = found.where(getattr(AuditEntry, name) == wanted)
    if filters.first is not None:
        found = found.where(AuditEntry.created_at >= filters.first)
    if filters.last is not None:
        found = found.where(AuditEntry.created_at < filters.last)
    return found


def by_or_about(actor_id: int, object_type: str) -> Select[AuditEntry]:
    """Select what an account did, and what was done to it as a thing of `object_type`."""
    about = and_(AuditEntry.object_type == object_type, AuditEntry.object_id == actor_id)
    return select(AuditEntry).where(or_(AuditEntry.actor_id == actor_id, about))
