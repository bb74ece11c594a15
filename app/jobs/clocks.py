"""What a clock that went wrong has put off: tasks that no worker would touch before that time comes, brought back.

Nobody claims a task for longer than a lease, nor puts one off for longer than the longest pause, nor writes one in the
future. Where that stands in a row, whoever wrote it had a wrong clock. Clocks that differ by minutes are none.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select, update

from app.extensions import BULK, db
from app.jobs.claims import lease
from app.jobs.outbox import policies
from app.jobs.policy import LONGEST_WAIT
from app.jobs.queries import WAITING
from app.jobs.schedule import every
from app.kit.clock import utcnow
from app.models import OutboxEvent

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""By so much, clocks of machines that work together may differ."""

BATCH: Final = 1000


def connect() -> None:
    """Look every minute; called once by `create_app`."""
    every(timedelta(minutes=1), "outbox.bring_back", bring_back)


def bring_back() -> bool:
    """End leases, and take back delays, that cannot be true; say whether there may be more."""
    now = utcnow()
    held = (*WAITING, OutboxEvent.claimed_until > now + CLOCKS_DIFFER + lease())
    db.session.execute(update(OutboxEvent).where(*held).values(claimed_until=None), execution_options=BULK)
    rows = db.session.execute(_put_off(now + CLOCKS_DIFFER)).all()
    if rows:
        db.session.execute(update(OutboxEvent), [_corrected(row, now) for row in rows])
    return len(rows) == BATCH


def _put_off(latest: datetime) -> Any:
    """Select the tasks whose next attempt, or whose very writing, lies too far ahead."""
    longest = max((policy.longest_wait for policy in policies().values()), default=LONGEST_WAIT)
    wrong = or_(OutboxEvent.failures > 0, OutboxEvent.created_at > latest)
    columns = select(OutboxEvent.id, OutboxEvent.due_at, OutboxEvent.created_at, OutboxEvent.attempts)
    return columns.where(*WAITING, OutboxEvent.due_at > latest + longest, wrong).limit(BATCH)


def _corrected(row: Any, now: datetime) -> dict[str, Any]:
    """Return a task as it ought to be: tried again now; untried, written now and due after as long as was meant.

    One that was tried keeps when it was written: by that its receiver knows it.
    """
    if row.attempts:
        return {"id": row.id, "due_at": now, "created_at": row.created_at}
    return {"id": row.id, "due_at": now + max(timedelta(0), row.due_at - row.created_at), "created_at": now}
