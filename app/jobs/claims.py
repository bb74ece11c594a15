"""Claims: a task that is due becomes one worker's alone, for the length of a lease that is renewed while it works."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, Engine, Select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.extensions import db
from app.jobs import limits, queries
from app.jobs.outbox import policies, tell_follower
from app.jobs.policy import USUAL
from app.kit.clock import utcnow
from app.models import OutboxEvent
from app.transactions import reading, transaction

BEATS_A_LEASE: Final = 3
MOST_BEATS: Final = 180 * BEATS_A_LEASE
"""Of a task that never ends, the lease does: after half an hour, where a lease is ten seconds."""

NO_END: Final = "No attempt came to an end."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim of one attempt at one task."""

    event_id: int
    attempt: int


def lease() -> timedelta:
    """Return how long a claim lasts unless it is renewed; a killed worker's tasks come back after it."""
    seconds: int = current_app.extensions["settings"].jobs.lease_seconds
    return timedelta(seconds=seconds)


def is_due(*rules: ColumnElement[bool]) -> bool:
    """Say whether there is anything to claim, of what keeps the rules; a look that takes no lock."""
    with reading():
        due = _claimable(utcnow()).where(*rules)
        return db.session.scalar(due.with_only_columns(OutboxEvent.id).limit(1)) is not None


def due_ids(limit: int) -> list[int]:
    """Return the ids of up to `limit` tasks that can be claimed now, the longest due first."""
    with reading():
        return list(db.session.scalars(_claimable(utcnow()).with_only_columns(OutboxEvent.id).limit(limit)))


def claim_due(limit: int, *rules: ColumnElement[bool]) -> list[Claim]:
    """Claim up to `limit` due tasks, of those that keep the rules, in a transaction of its own.

    Rows that another worker is claiming are skipped. Workers wait for each other only for tasks of which few may be
    in hand at once.
    """
    now = utcnow()
    with transaction():
        return _claim_all(_claimable(now).where(*rules).limit(limit), now)


def claim(event_id: int) -> Claim | None:
    """Claim one task, if it is due and nobody has it or comes before it."""
    now = utcnow()
    with transaction():
        return next(iter(_claim_all(_claimable(now).where(OutboxEvent.id == event_id), now)), None)


def _claimable(now: datetime) -> Select[OutboxEvent]:
    loose = {topic for topic, policy in policies().items() if not policy.ordered}
    return queries.claimable(now, crowded=limits.crowded(now), loose=loose)


def _claim_all(due: Select[OutboxEvent], now: datetime) -> list[Claim]:
    found = db.session.scalars(due.with_for_update(skip_locked=True, of=OutboxEvent)).all()
    admitted = limits.admitted(found, now)
    return [Claim(event.id, event.attempts) for event in admitted if _begin_attempt(event, now)]


def _begin_attempt(event: OutboxEvent, now: datetime) -> bool:
    """Begin another attempt, or give up a task whose every worker has died over it; say which."""
    policy = policies().get(event.topic, USUAL)
    if event.attempts - event.failures >= policy.attempts:
        event.dead_at, event.last_error = now, event.last_error or NO_END
        tell_follower(event, NO_END)
        log.error("task_dead", event_id=event.id, topic=event.topic)
        return False
    event.claimed_until = now + lease()
    event.attempts += 1
    return True


@contextmanager
def renewing(held: Claim) -> Iterator[None]:
    """Renew the lease of a claim, from a thread beside, for as long as the block lasts."""
    over = threading.Event()
    beat = threading.Thread(target=_renew, args=(db.engine, held, lease(), over), name="lease", daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join()


def _renew(engine: Engine, held: Claim, length: timedelta, over: threading.Event) -> None:
    for _ in range(MOST_BEATS):
        if over.wait(length.total_seconds() / BEATS_A_LEASE):
            return
        try:
            _prolong(engine, held, length)
        except (DBAPIError, NoConnection) as error:
            log.warning("lease_not_renewed", event_id=held.event_id, error=type(error).__name__)


def _prolong(engine: Engine, held: Claim, length: timedelta) -> None:
    """Move the end of a lease on, unless somebody else has claimed the task since."""
    own: tuple[Any, ...] = (OutboxEvent.id == held.event_id, OutboxEvent.attempts == held.attempt, *queries.WAITING)
    with engine.begin() as connection:
        connection.execute(update(OutboxEvent).where(*own).values(claimed_until=utcnow() + length))
