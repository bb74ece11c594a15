"""The embedded worker: claims what is due and carries it out, until it is told to stop."""

import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import Final

import structlog
from flask import Flask, current_app
from sqlalchemy import ColumnElement
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.database import end_session
from app.extensions import db
from app.jobs import queries
from app.jobs.carrying import carry_out
from app.jobs.claims import claim_due, is_due
from app.jobs.outbox import delivering
from app.jobs.schedule import enqueue_due
from app.kit.clock import utcnow

PAUSE_SECONDS: Final = 0.25
"""How long a thread with nothing to do waits until it looks again."""

SCHEDULE_SECONDS: Final = 1.0

log = structlog.get_logger()


def work_once(stopping: threading.Event | None = None, *rules: ColumnElement[bool]) -> int:
    """Carry out everything that is due and keeps the rules, until `stopping` is set; return how many tasks that were.

    Each is claimed when its turn comes: so the slow ones keep none of the others from other workers. What becomes due
    meanwhile is carried out as well.
    """
    stopping = stopping or threading.Event()
    done = 0
    while not stopping.is_set() and (claimed := claim_due(1, *rules)):
        for held in claimed:
            ok = carry_out(held)
            log.info("task", event_id=held.event_id, ok=ok)
            db.session.remove()
            done += 1
    return done


def work_off(stopping: threading.Event | None = None) -> int:
    """Put in line what is due again, carry out what is due and what follows from that; return how many tasks it was.

    What fails is tried once: its next attempt is somebody else's.
    """
    enqueue_due()
    return work_once(stopping, queries.is_untried_since(utcnow()))


def work(stopping: threading.Event, threads: int = 1) -> None:
    """Work in so many threads until `stopping` is set; the database may go away and come back meanwhile.

    One more thread does only what stays in the house: however many servers are silent, deadlines and events are not
    kept waiting. At the end, each finishes the task in hand.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # as Flask's manual says
    with ExitStack() as until_all_are_done:
        for rules in [()] * threads + [(queries.stays_here(delivering()),)]:
            thread = threading.Thread(target=_work_in, args=(app, stopping, *rules), name="worker")
            thread.start()
            until_all_are_done.callback(thread.join)
        _repeat(enqueue_due, stopping, SCHEDULE_SECONDS)


def _work_in(app: Flask, stopping: threading.Event, *rules: ColumnElement[bool]) -> None:
    with app.app_context():
        _repeat(lambda: is_due(*rules) and work_once(stopping, *rules), stopping, PAUSE_SECONDS)


def _repeat(step: Callable[[], object], stopping: threading.Event, pause: float) -> None:
    """Take a step again and again, whatever becomes of the database."""
    while not stopping.is_set():
        try:
            step()
        except (DBAPIError, NoConnection) as error:
            log.warning("database_unavailable", error=type(error).__name__)
        except Exception:  # one bad moment must not be the end of all work
            log.exception("worker_failed")
        finally:
            end_session()
        stopping.wait(pause)


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set: the task in hand is finished first."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping
