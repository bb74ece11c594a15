"""`/readyz`: whether this process can serve: the database is there and migrated. Says besides how late the work is."""

from threading import Lock
from time import monotonic
from typing import Any, Final

from flask import current_app, jsonify
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.database import is_migrated
from app.extensions import db
from app.jobs.state import queue_state
from app.kit.errors import Unavailable
from app.settings.operations import Operations
from app.transactions import reading

KEPT_SECONDS: Final = 1.0
"""For how long a verdict is told again: whoever asks, and however often, costs the database next to nothing."""

OK, AWAY, BEHIND, LATE, UNKNOWN = "ok", "away", "behind", "late", "unknown"

_EXTENSION = "readiness"


class NotReady(Unavailable):
    """Something that is needed to serve is not there."""

    code = "not_ready"
    title = "This process cannot serve now."


class Verdicts:
    """The last verdict, and when it was reached."""

    def __init__(self) -> None:
        """Begin without one."""
        self._lock = Lock()
        self._reached = -KEPT_SECONDS
        self._checks: dict[str, Any] = {}

    def checks(self) -> dict[str, Any]:
        """Return what was found, not longer ago than `KEPT_SECONDS`; of many that ask at once, one looks."""
        with self._lock:
            if monotonic() - self._reached >= KEPT_SECONDS:
                self._checks = _look()
                self._reached = monotonic()
            return self._checks


def ready() -> Any:
    """Answer 200 where requests can be served, else 503; what was looked at in both."""
    verdicts: Verdicts = current_app.extensions.setdefault(_EXTENSION, Verdicts())
    checks = verdicts.checks()
    if any(said != OK for said in (checks["database"], checks["migrations"], checks["queue"]["status"])):
        raise NotReady(extra={"checks": checks})
    return jsonify(status=OK, checks=checks)


def _look() -> dict[str, Any]:
    try:
        with reading():
            migrations = OK if is_migrated(db.session.connection()) else BEHIND
            queue = _queue() if migrations == OK else {"status": UNKNOWN}
    except (DBAPIError, NoConnection):
        return {"database": AWAY, "migrations": UNKNOWN, "queue": {"status": UNKNOWN}}
    return {"database": OK, "migrations": migrations, "queue": queue}


def _queue() -> dict[str, Any]:
    """Say for how long the oldest task waits. That is late only where the settings say from when on."""
    wishes: Operations = current_app.extensions["settings"].operations
    oldest = queue_state().oldest_seconds
    is_late = wishes.ready_queue_seconds is not None and oldest > wishes.ready_queue_seconds
    return {"status": LATE if is_late else OK, "oldest_seconds": oldest}
