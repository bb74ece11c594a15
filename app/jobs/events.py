"""What has happened: announced in the transaction in which it does, told to whoever listens in the worker's.

A room announces and knows nobody who listens. Listeners write tasks of their own, each with its own attempts and end:
a mail that fails does not keep a webhook from being delivered. Nor does a listener that raises keep others from being
told: it alone is told again, by a task of its own.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select

from app.extensions import db
from app.jobs.outbox import Task, enqueue, handles, handles_task, task_row
from app.jobs.policy import FIRST_RETRY
from app.jobs.queries import WAITING
from app.kit.clock import utcnow
from app.kit.inserts import Row
from app.models import OutboxEvent
from app.transactions import insert_rows

EVENT = "event"
"""The outbox topic of what has happened; its payload is `name` and `about`."""

AGAIN = "event.again"
"""The outbox topic of what one listener is told again; its payload has the event, and who listens."""

log = structlog.get_logger(__name__)

About = dict[str, int | str | None]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened. `about` names things by their ids; what they are like by now is read of them."""

    id: int
    name: str
    about: About
    happened_at: datetime


Listener = Callable[[Event], None]

_listeners: dict[str, tuple[frozenset[str] | None, Listener]] = {}
_is_silent: ContextVar[bool] = ContextVar("is_silent", default=False)


def connect() -> None:
    """Tell listeners what is announced; called once by `create_app`, before any room listens."""
    _listeners.clear()
    handles_task(EVENT, _tell_all)
    handles(AGAIN, _tell_again)


def announce(name: str, **about: int | str | None) -> None:
    """Write that something has happened, in the transaction in which it does: announced if and only if that commits.

    `name` is `thing.what_happened`, such as `booking.confirmed`. Where `about` has the thing's own id, such as
    `booking_id`, listeners are told of what happens to it in the order in which it did.
    """
    insert_rows(announcement(name, **about))


def announcement(name: str, **about: int | str | None) -> list[Row]:
    """Return the row that `announce` would write, for `insert_rows` to write it with others; in silence, none."""
    if _is_silent.get():
        return []
    return [task_row(EVENT, {"name": name, "about": about}, due_at=utcnow(), subject=_subject(name, about))]


def _subject(name: str, about: About) -> str | None:
    thing = name.partition(".")[0]
    own_id = about.get(f"{thing}_id")
    return None if own_id is None else f"{thing}:{own_id}"


@contextmanager
def silent() -> Iterator[None]:
    """Announce nothing of what happens inside the block: it is made up, and concerns nobody (the demo's data)."""
    token = _is_silent.set(True)
    try:
        yield
    finally:
        _is_silent.reset(token)


def listens(names: Collection[str] | None, listener: Listener) -> None:
    """Let `listener` be told of each event of these names (None: of every one), in the worker's transaction.

    It writes what follows by `enqueue` and does nothing slow. That, and that the event has been told, is committed in
    one: each listener's tasks are written exactly once. Where one raises, what it wrote is taken back, and it is told
    again later, in the order of the thing's events; the others are not. It is a function of a module, and listens
    once: by its name it is found again. Raises `ValueError` for another.
    """
    name = f"{listener.__module__}.{listener.__qualname__}"
    if name in _listeners or "<" in name:
        raise ValueError(f"{name} cannot be told from another listener.")
    _listeners[name] = (None if names is None else frozenset(names), listener)


def _tell_all(task: Task) -> None:
    event = Event(task.id, task.payload["name"], task.payload["about"], task.written_at)
    wanted = [name for name, (names, _) in _listeners.items() if names is None or event.name in names]
    telling = {_line(name, event): name for name in wanted}
    behind = _waiting(telling)
    for line, name in telling.items():
        if line in behind or not _tell(name, event):
            _tell_later(line, name, event)


def _tell(name: str, event: Event) -> bool:
    """Tell one listener, in a savepoint; say whether that went well."""
    try:
        with db.session.begin_nested():
            _listeners[name][1](event)
    except Exception:  # whatever it raises, it is its own affair
        log.exception("listener_failed", event_id=event.id, listener=name)
        return False
    return True


def _line(listener: str, event: Event) -> str:
    """Return the line in which a listener is told again of one thing, or of an event that is about none."""
    return f"{_subject(event.name, event.about) or f'event:{event.id}'} {listener}"


def _waiting(lines: Collection[str]) -> set[str | None]:
    """Return those of the lines in which something waits: what comes later stays behind that."""
    same = (OutboxEvent.topic == AGAIN, OutboxEvent.subject.in_(lines), *WAITING)
    return set(db.session.scalars(select(OutboxEvent.subject).where(*same)))


def _tell_later(line: str, listener: str, event: Event) -> None:
    payload = {
        "event_id": event.id,
        "name": event.name,
        "about": event.about,
        "happened_at": event.happened_at.isoformat(),
        "listener": listener,
    }
    enqueue(AGAIN, payload, due_at=utcnow() + FIRST_RETRY, subject=line)


def _tell_again(payload: dict[str, Any]) -> None:
    """Tell one listener; what listened in an older version, and does not in this one, is done with."""
    happened_at = datetime.fromisoformat(payload["happened_at"])
    _, listener = _listeners.get(payload["listener"], (None, None))
    if listener is not None:
        listener(Event(payload["event_id"], payload["name"], payload["about"], happened_at))
