"""The embedded worker: claims what is due and carries it out, until it is told to stop."""

import signal
import threading
from types import FrameType

import structlog
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.jobs.outbox import carry_out, claim_due

PAUSE_SECONDS = 1.0

log = structlog.get_logger()


def work_once(stopping: threading.Event | None = None) -> int:
    """Carry out everything that is due now, until `stopping` is set; return how many tasks that were.

    Each is claimed when its turn comes: behind slow deliveries, the lease of a batch would end before its last task.
    """
    stopping = stopping or threading.Event()
    done = 0
    while not stopping.is_set() and (claimed := claim_due(1)):
        for event_id in claimed:
            ok = carry_out(event_id)
            log.info("task", event_id=event_id, ok=ok)
            db.session.remove()
            done += 1
    return done


def work(stopping: threading.Event) -> None:
    """Work until `stopping` is set; the database may go away and come back meanwhile."""
    while not stopping.is_set():
        try:
            work_once(stopping)
        except OperationalError as error:
            log.warning("database_unavailable", error=type(error).__name__)
        finally:
            db.session.remove()
        stopping.wait(PAUSE_SECONDS)


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set: the task in hand is finished first."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping
