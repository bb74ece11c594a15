"""What admins do about tasks: look, try again what was given up, or drop it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, select, update

from app.audit.service import Thing, record
from app.extensions import BULK, db
from app.jobs.dispatch import offer_after_commit
from app.jobs.errors import NotDead
from app.jobs.outbox import tell_follower
from app.jobs.queries import WAITING
from app.kit.clock import utcnow
from app.models import OutboxEvent
from app.security.actor import Actor
from app.transactions import locked

THING = "job"


class Status(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The tasks of one status: which they are, and by which column they are listed."""

    rules: tuple[ColumnElement[bool], ...]
    order: Any


SHELVES = {
    Status.WAITING: Shelf(WAITING, OutboxEvent.due_at),
    Status.DONE: Shelf((OutboxEvent.done_at.is_not(None),), OutboxEvent.done_at),
    Status.DEAD: Shelf((OutboxEvent.dead_at.is_not(None),), OutboxEvent.dead_at),
}


@dataclass(frozen=True, slots=True)
class Job:
    """A task as admins see it: of its payload, the ids alone."""

    id: int
    topic: str
    subject: str | None
    about: dict[str, Any]
    status: Status
    attempts: int
    due_at: datetime
    ended_at: datetime | None
    last_error: str | None
    created_at: datetime


def list_jobs(status: Status) -> Select[OutboxEvent]:
    """Return the select of the tasks that stand there."""
    return select(OutboxEvent).where(*SHELVES[status].rules)


def shown(event: OutboxEvent) -> Job:
    """Return a task as admins see it."""
    status = Status.DONE if event.done_at else Status.DEAD if event.dead_at else Status.WAITING
    return Job(
        id=event.id,
        topic=event.topic,
        subject=event.subject,
        about=_ids(event.payload),
        status=status,
        attempts=event.attempts,
        due_at=event.due_at,
        ended_at=event.done_at or event.dead_at,
        last_error=event.last_error,
        created_at=event.created_at,
    )


def replay(actor: Actor, job_id: int) -> Job:
    """Have a dead task tried again from the beginning, under the same reference. Raises `NotFound`, `NotDead`.

    What has failed behind it in its line is tried again at once as well, after it.
    """
    event = _locked_dead(job_id)
    event.dead_at = event.claimed_until = None
    event.attempts, event.failures, event.due_at = 0, 0, utcnow()
    _hurry_line(event)
    tell_follower(event)
    _record("jobs.replayed", actor, event)
    offer_after_commit([event.id], event.due_at)
    return shown(event)


def _hurry_line(event: OutboxEvent) -> None:
    """Let what has failed in a task's line wait no longer: the line rests while one of it does."""
    line = (OutboxEvent.topic == event.topic, OutboxEvent.subject == event.subject, OutboxEvent.failures > 0, *WAITING)
    db.session.execute(update(OutboxEvent).where(*line).values(due_at=utcnow()), execution_options=BULK)


def drop(actor: Actor, job_id: int) -> None:
    """Remove a dead task for good; the audit log says which it was. Raises `NotFound`, `NotDead`."""
    event = _locked_dead(job_id)
    _record("jobs.dropped", actor, event)
    db.session.delete(event)
    db.session.flush()


def _locked_dead(job_id: int) -> OutboxEvent:
    event = locked(OutboxEvent, job_id)
    if event.dead_at is None:
        raise NotDead
    return event


def _record(action: str, actor: Actor, event: OutboxEvent) -> None:
    about = {"topic": event.topic, "subject": event.subject}
    record(action, actor_id=actor.id, thing=Thing(THING, event.id), before=about)


def _ids(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the ids in a payload, and the name of what it announces; the rest may be a secret's half."""
    known = {**payload, **payload.get("about", {})}
    return {name: value for name, value in known.items() if name == "name" or name.endswith("_id")}
