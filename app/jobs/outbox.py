"""The outbox: tasks written in the transaction of the change they follow from, carried out at least once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Select, insert, literal, or_, select

from app.extensions import db
from app.kit.clock import utcnow
from app.models import OutboxEvent
from app.transactions import transaction

MessageT = TypeVar("MessageT")

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
"""How long a claimed task is its worker's alone; a killed worker's tasks come back after it."""

FIRST_RETRY = timedelta(seconds=5)
MOST_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Task:
    """One task, at each of its attempts."""

    id: int
    payload: dict[str, Any]
    written_at: datetime

    @property
    def reference(self) -> str:
        """The task's name, also beside the tasks of other databases, such as `17-20300107T060000000000`."""
        return f"{self.id}-{self.written_at:%Y%m%dT%H%M%S%f}"


Delivery = Callable[[], object]
"""What remains to be done outside any transaction."""

_handlers: dict[str, Callable[[Task], Delivery | None]] = {}


def handles(topic: str, handler: Callable[[dict[str, Any]], None]) -> None:
    """Let `handler` carry out the tasks of `topic` from their payload; it must bear being called twice."""
    _handlers[topic] = lambda task: handler(task.payload)


def delivers(topic: str, compose: Callable[[Task], MessageT | None], deliver: Callable[[MessageT], object]) -> None:
    """Let the tasks of `topic` leave the house: `compose` makes a message in a transaction, `deliver` hands it over.

    `compose` may write; that is committed before `deliver` is called, outside any transaction, so that nobody waits
    for a slow network behind our locks. Where it returns None there is nothing to deliver, and the task is done.
    Both are called again after a failure or a crash, which may come after the delivery: give the message the name
    `task.reference`, by which its receiver knows it again. `deliver` leaves the database alone.
    """

    def begin(task: Task) -> Delivery | None:
        message = compose(task)
        return None if message is None else partial(deliver, message)

    _handlers[topic] = begin


def enqueue(topic: str, payload: dict[str, Any], *, due_at: datetime) -> None:
    """Write a task that is due at an instant; it exists if and only if the transaction commits.

    The payload is kept after the task is done: it names things by their ids, and holds nothing personal. An account is
    `user_id`; by that its tasks are found when it is erased.
    """
    db.session.add(OutboxEvent(topic=topic, payload=payload, due_at=due_at))
    db.session.flush()


def enqueue_where(found: Select[Any], topic: str, payload: dict[str, Any], *, due_at: datetime) -> None:
    """Write a task as `enqueue` does, if `found` selects anything at all; in one statement."""
    columns = OutboxEvent.__table__.c
    values = {"topic": topic, "payload": payload, "due_at": due_at, "attempts": 0, "created_at": utcnow()}
    row = select(*(literal(value, columns[name].type) for name, value in values.items())).where(found.exists())
    db.session.execute(insert(OutboxEvent).from_select(list(values), row, include_defaults=False))


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
            _claim(event, now)
        return [event.id for event in due if event.dead_at is None]


def _claim(event: OutboxEvent, now: datetime) -> None:
    """Begin another attempt, or give up a task whose every worker has died over it."""
    if event.attempts >= MOST_ATTEMPTS:
        event.dead_at, event.last_error = now, event.last_error or "No attempt came to an end."
        log.error("task_dead", event_id=event.id, topic=event.topic)
        return
    event.claimed_until = now + LEASE
    event.attempts += 1


def carry_out(event_id: int) -> bool:
    """Carry out one claimed task and mark it done; say whether that went well.

    A task without a delivery is marked in the transaction that carries it out, another one after its delivery.
    """
    try:
        delivery = _begin(event_id)
        if delivery is not None:
            delivery()
            _finish(event_id)
    except Exception as error:  # noqa: BLE001  # whatever a handler raises, the task waits for its next attempt
        _note_failure(event_id, error)
        return False
    return True


def _begin(event_id: int) -> Delivery | None:
    """Do what is done in the database; return what remains, or None where the task is done with."""
    with transaction():
        event = _waiting(event_id)
        if event is None:
            return None
        delivery = _handlers[event.topic](Task(event.id, event.payload, event.created_at))
        if delivery is None:
            _mark_done(event)
        return delivery


def _finish(event_id: int) -> None:
    with transaction():
        event = _waiting(event_id)
        if event is not None:
            _mark_done(event)


def _mark_done(event: OutboxEvent) -> None:
    """End a task that went well; what an earlier attempt failed of is of no use any more, and may quote anything."""
    event.done_at, event.last_error = utcnow(), None


def _waiting(event_id: int) -> OutboxEvent | None:
    """Return the task as it is now unless it has ended; its row is locked last, after the handler's own locks."""
    event = db.session.get(OutboxEvent, event_id, populate_existing=True)
    return event if event is not None and event.done_at is None and event.dead_at is None else None


def _note_failure(event_id: int, error: Exception) -> None:
    with transaction():
        event = _waiting(event_id)
        if event is None:
            return  # while this attempt was failing, another worker's succeeded
        event.last_error = f"{type(error).__name__}: {error}"[:2000]
        event.claimed_until = None
        event.due_at = utcnow() + FIRST_RETRY * 2 ** (event.attempts - 1)
        if event.attempts >= MOST_ATTEMPTS:
            event.dead_at = utcnow()
        said = {"event_id": event_id, "topic": event.topic, "attempts": event.attempts, "dead": bool(event.dead_at)}
    log.warning("task_failed", **said, exc_info=error)
