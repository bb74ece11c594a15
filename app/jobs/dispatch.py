"""Telling Celery of tasks as soon as they are committed: a hint that saves time, and that nobody waits for.

Messages are ids. One that is lost, because Redis is away or this process dies, costs a moment: whoever sweeps the
outbox finds the task there.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog
from flask import current_app

from app.kit.clock import utcnow
from app.transactions import after_commit

if TYPE_CHECKING:
    from celery import Celery

CARRY_OUT: Final = "jobs.carry_out"
"""The name of the Celery task that carries out one task of the outbox."""

EXTENSION: Final = "jobs.dispatcher"
MOST_UNSENT: Final = 1000

log = structlog.get_logger(__name__)


class Dispatcher:
    """Hands ids to Celery from a thread of its own, so that no request ever waits for Redis."""

    def __init__(self, celery: Celery) -> None:
        """Offer to `celery`, beginning with the first offer."""
        self._celery = celery
        self._ids: queue.Queue[int] = queue.Queue(MOST_UNSENT)
        self._begin = threading.Lock()
        self._thread: threading.Thread | None = None

    def offer(self, event_id: int) -> None:
        """Let an id be sent soon, or never: where too many are waiting already, it is left to the sweep."""
        with contextlib.suppress(queue.Full):
            self._ids.put_nowait(event_id)
        self._ensure_thread()

    def _ensure_thread(self) -> None:
        """Begin when there is something to send: a thread begun earlier would not survive a fork."""
        with self._begin:
            if self._thread is None:
                self._thread = threading.Thread(target=self._send_all, name="task ids", daemon=True)
                self._thread.start()

    def _send_all(self) -> None:
        while True:
            self._send(self._ids.get())

    def _send(self, event_id: int) -> None:
        try:
            self._celery.send_task(CARRY_OUT, (event_id,), retry=False, ignore_result=True)
        except Exception as error:  # noqa: BLE001  # whatever it is, the outbox has the task
            log.warning("task_not_offered", event_id=event_id, error=type(error).__name__)
            self._forget_waiting()

    def _forget_waiting(self) -> None:
        """Leave to the sweep what waits behind a failure: each would wait for the same time-out."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._ids.get_nowait()


def offer_after_commit(event_ids: Iterable[int], due_at: datetime) -> None:
    """Tell Celery of tasks that are due, once the present transaction has committed; nothing where there is none."""
    dispatcher: Dispatcher | None = current_app.extensions.get(EXTENSION)
    if dispatcher is not None and due_at <= utcnow():
        for event_id in event_ids:
            after_commit(dispatcher.offer, event_id)
