"""Files come before their rows and go after them: a task of the outbox sees to it that none is left behind.

It is written before the file is, and due when whoever wrote it has surely ended, well or badly; and again when a row
goes. It removes the file unless a picture is made of it.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from app.extensions import db
from app.images import queries
from app.integrations.images import StoreDown, delete
from app.jobs.outbox import Task, delivers, enqueue
from app.kit.clock import utcnow

SWEEP: Final = "images.sweep"
SWEPT_AFTER: Final = timedelta(hours=1)


def connect() -> None:
    """Sweep when that is due; called once by `create_app`."""
    delivers(SWEEP, _unwanted, delete)


def sweep_later(key: str) -> None:
    """Have a file removed that is about to be written, unless it is a picture's by then."""
    enqueue(SWEEP, {"key": key}, due_at=utcnow() + SWEPT_AFTER)


def sweep_soon(key: str) -> None:
    """Have the file of a picture that is gone with this transaction removed after it."""
    enqueue(SWEEP, {"key": key}, due_at=utcnow())


def try_to_delete(key: str) -> None:
    """Remove a file that no row will be of; where that fails, the sweep will."""
    with suppress(StoreDown):
        delete(key)


def _unwanted(task: Task) -> str | None:
    key: str = task.payload["key"]
    return None if db.session.scalar(queries.with_key(key)) else key
