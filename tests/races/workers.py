"""Workers beside a running server, as in production, only more impatient; and the control among them.

The control is a worker as rivals build it: it looks what is free and whom that suits, lets go, lingers as long as
others take to look too, and gives what it saw to whoever is first in line by then.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from flask import Flask
from sqlalchemy import delete, select

from app.bookings.plan import Plan
from app.bookings.request import Asked, Request
from app.bookings.waitlist import offering, queries
from app.bookings.waitlist.freed import Freed
from app.bookings.waitlist.offering import Match
from app.bookings.wishes import NOTHING, read_wish
from app.extensions import db
from app.jobs.worker import work_once
from app.kit.clock import utcnow
from app.kit.intervals import to_instant
from app.models import OutboxEvent, WaitlistEntry
from app.transactions import reading, transaction
from tests.races.callers import Arena

NUMBER = 3
PAUSE = 0.002
"""Seconds between two looks at what is due."""

LINGER = 0.1
"""Seconds between looking and acting, in the control."""


class Workers:
    """Threads with sessions of their own, which carry out what is due from `begin` to `end`."""

    def __init__(self, app: Flask, pool: ThreadPoolExecutor) -> None:
        self.app, self.pool = app, pool
        self.stopping = Event()
        self.working: list[Future[None]] = []

    def begin(self) -> None:
        """Carry out what is due, and what will be."""
        self.stopping = Event()
        self.working = [self.pool.submit(self._work, self.stopping) for _ in range(NUMBER)]

    def end(self) -> None:
        """Finish what is in hand and what is left; nothing may have failed."""
        self.stopping.set()
        working, self.working = self.working, []
        for one in working:
            one.result()
        work_once()
        failed = db.session.scalars(select(OutboxEvent.last_error).where(OutboxEvent.last_error.is_not(None))).all()
        db.session.commit()
        assert failed == []

    def _work(self, stopping: Event) -> None:
        with self.app.app_context():
            while not stopping.is_set():
                work_once(stopping)
                time.sleep(PAUSE)


@contextmanager
def workers_beside(arena: Arena) -> Iterator[Workers]:
    """Employ workers. What other races have left to do is forgotten: thousands of things, none of which concerns us."""
    with transaction():
        db.session.execute(delete(OutboxEvent).where(OutboxEvent.done_at.is_(None)))
    with ThreadPoolExecutor(NUMBER) as pool:
        workers = Workers(arena.app, pool)
        try:
            yield workers
        finally:
            workers.stopping.set()


def offer_on_sight(freed: Freed, match: Match) -> bool:
    """Look what is free, let go, and offer it."""
    db.session.commit()
    with reading():
        wished = Request(to_instant(match.visit[0]), (Asked(match.service_id, freed.staff_id),))
        plan = read_wish(wished).plan(wished.starts_at, utcnow(), NOTHING)
    time.sleep(LINGER)
    in_line = queries.candidates(freed, utcnow()).limit(1).with_for_update(of=WaitlistEntry, skip_locked=True)
    entry = db.session.scalars(in_line).one_or_none()
    if entry is not None and isinstance(plan, Plan):
        offering._write(entry, freed.staff_id, plan)
    return True
