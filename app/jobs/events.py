"""What has happened: announced in the transaction in which it does, told to whoever listens in the worker's.

A room announces and knows nobody who listens. Listeners write tasks of their own, each with its own attempts and end:
a mail that fails does not keep a webhook from being delivered.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from app.jobs.outbox import Task, enqueue, handles_task
from app.kit.clock import utcnow

EVENT = "event"
"""The outbox topic of what has happened; its payload is `name` and `about`."""

About = dict[str, int | str | None]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened. `about` names things by their ids; what they are like by now is read of them."""

    id: int
    name: str
    about: About
    happened_at: datetime


Listener = Callable[[Event], None]

_listeners: list[tuple[frozenset[str] | None, Listener]] = []
_is_silent: ContextVar[bool] = ContextVar("is_silent", default=False)


def connect() -> None:
    """Tell listeners what is announced; called once by `create_app`, before any room listens."""
    _listeners.clear()
    handles_task(EVENT, _tell)


def announce(name: str, **about: int | str | None) -> None:
    """Write that something has happened, in the transaction in which it does: announced if and only if that commits.

    `name` is `thing.what_happened`, such as `booking.confirmed`. Where `about` has the thing's own id, such as
    `booking_id`, listeners are told of what happens to it in the order in which it did.
    """
    if _is_silent.get():
        return
    thing = name.partition(".")[0]
    own_id = about.get(f"{thing}_id")
    subject = None if own_id is None else f"{thing}:{own_id}"
    enqueue(EVENT, {"name": name, "about": about}, due_at=utcnow(), subject=subject)


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
    one: each listener's tasks are written exactly once. Where one raises, nobody has been told, and all are told again.
    """
    _listeners.append((None if names is None else frozenset(names), listener))


def _tell(task: Task) -> None:
    event = Event(task.id, task.payload["name"], task.payload["about"], task.written_at)
    for names, listener in _listeners:
        if names is None or event.name in names:
            listener(event)
