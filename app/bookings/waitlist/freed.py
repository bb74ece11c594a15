"""Time that has been freed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from app.kit.intervals import Span, to_span


@dataclass(frozen=True, slots=True)
class Freed:
    """From when to when a staff member was taken, and may be no more."""

    staff_id: int
    starts_at: datetime
    ends_at: datetime

    @property
    def span(self) -> Span:
        """The same in whole seconds."""
        return to_span(self.starts_at, self.ends_at)

    def as_payload(self) -> dict[str, Any]:
        """Return it as a task of the outbox carries it."""
        instants = {"starts_at": self.starts_at.isoformat(), "ends_at": self.ends_at.isoformat()}
        return {"resource_id": self.staff_id, **instants}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Self:
        """Return what a task carries."""
        starts_at, ends_at = (datetime.fromisoformat(payload[name]) for name in ("starts_at", "ends_at"))
        return cls(payload["resource_id"], starts_at, ends_at)
