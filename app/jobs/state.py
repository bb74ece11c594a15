"""How much there is to do: what a monitor looks at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.jobs.queries import WAITING
from app.kit.clock import utcnow
from app.models import OutboxEvent


@dataclass(frozen=True, slots=True)
class QueueState:
    """The tasks at one instant. `due` could be carried out now; of these the oldest waits for `oldest_seconds`.

    `waiting` are those that have not ended, `due` among them; `failing` those of them that failed before; `in_hand`
    those that a worker has; `dead` those that were given up and that nobody has replayed or dropped.
    """

    waiting: int
    due: int
    oldest_seconds: int
    in_hand: int
    failing: int
    dead: int


def queue_state() -> QueueState:
    """Count the tasks, in two statements that read no task that is done."""
    now = utcnow()
    is_due, is_held = OutboxEvent.due_at <= now, OutboxEvent.claimed_until > now
    counts = (is_due & is_held.is_not(True), is_held, OutboxEvent.last_error.is_not(None))
    rows = (func.count().filter(rule) for rule in counts)
    oldest = func.min(OutboxEvent.due_at).filter(counts[0])
    columns: list[Any] = [func.count(), *rows, oldest]
    waiting, due, in_hand, failing, since = db.session.execute(select(*columns).where(*WAITING)).one()
    dead = db.session.scalar(select(func.count()).where(OutboxEvent.dead_at.is_not(None))) or 0
    return QueueState(waiting, due, _seconds(since, now), in_hand, failing, dead)


def _seconds(since: datetime | None, now: datetime) -> int:
    return 0 if since is None else int((now - since).total_seconds())
