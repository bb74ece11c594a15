"""The outbox: tasks written in the transaction of the change they follow from, carried out at least once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from app.extensions import db
from app.kit.clock import utcnow
from app.models import OutboxEvent
from app.transactions import transaction

Handler = Callable[[dict[str, Any]], None]

LEASE = timedelta(seconds=30)
"""How long a claimed task is its worker's alone; a killed worker's tasks come back after it."""

FIRST_RETRY = timedelta(seconds=5)
MOST_ATTEMPTS = 10

_handlers: dict[str, Handler] = {}


def handles(topic: str, handler: Handler) -> None:
    """Let `handler` carry out the tasks of `topic`; it must bear being called twice."""
    _handlers[topic] = handler


def enqueue(topic: str, payload: dict[str, Any], *, due_at: datetime) -> None:
    """Write a task that is due at an instant; it exists if and only if the transaction commits."""
    db.session.add(OutboxEvent(topic=topic, payload=payload, due_at=due_at))
    db.session.flush()


def claim_due(limit: int) -> list[int]:
    """Claim up to `limit` due tasks for the length of a lease, in a transaction of its own; return their ids.

    Workers do not wait for each other: rows that another one is claiming are skipped.
    """
    now = utcnow()
    with transaction():
        due = list(
            db.session.scalars(
                select(OutboxEvent)
                .where(OutboxEvent.done_at.is_(None), OutboxEvent.dead_at.is_(None), OutboxEvent.due_at <= now)
                .where(or_(OutboxEvent.claimed_until.is_(None), OutboxEvent.claimed_until <= now))
                .order_by(OutboxEvent.due_at, OutboxEvent.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
        )
        for event in due:
            event.claimed_until = now + LEASE
            event.attempts += 1
        return [event.id for event in due]


def carry_out(event_id: int) -> bool:
    """Carry out one claimed task and mark it done in the same transaction; say whether that went well."""
    try:
        with transaction():
            event = _waiting(event_id)
            if event is not None:
                _handlers[event.topic](event.payload)
                event.done_at = utcnow()
    except Exception as error:  # noqa: BLE001  # whatever a handler raises, the task waits for its next attempt
        _note_failure(event_id, error)
        return False
    return True


def _waiting(event_id: int) -> OutboxEvent | None:
    """Return the task unless it is already done; its row is locked last, after the handler's own locks."""
    event = db.session.get(OutboxEvent, event_id)
    return event if event is not None and event.done_at is None else None


def _note_failure(event_id: int, error: Exception) -> None:
    with transaction():
        event = db.session.get_one(OutboxEvent, event_id)
        event.last_error = f"{type(error).__name__}: {error}"[:2000]
        event.claimed_until = None
        event.due_at = utcnow() + FIRST_RETRY * 2 ** (event.attempts - 1)
        if event.attempts >= MOST_ATTEMPTS:
            event.dead_at = utcnow()
