"""The torture: things happen and are rolled back, workers die, mails are refused; at the end, everything is counted."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import NoReturn

from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.jobs.queries import WAITING
from app.models import OutboxEvent
from app.transactions import reading, transaction
from tests.tortures.happenings import HAPPENED, MAIL, happen
from tests.tortures.mail_server import Unreliable
from tests.tortures.workers import Workers

ROLLED_BACK_EVERY = 5
PATIENCE_SECONDS = 1800


class NeverMind(Exception):
    """What rolls a transaction back."""


@dataclass(frozen=True)
class Figures:
    """What came of it."""

    events: int
    mails: int
    lost: int
    duplicates: int
    unlawful: int
    two_names: int
    dead: int
    kills: int
    seconds: float

    def __str__(self) -> str:
        return "  ".join(f"{name} {value:.0f}" for name, value in asdict(self).items())


def torture(app: Flask, inbox: Unreliable, workers: Workers, events: int, kill_seconds: float) -> Figures:
    """Let so many things happen, and a fifth as many not; kill a worker now and then until nothing is left to do."""
    begun = time.monotonic()
    writer = threading.Thread(target=_write_all, args=(app, events))
    writer.start()
    while writer.is_alive() or _left(app):
        time.sleep(kill_seconds)
        workers.kill_one()
        assert time.monotonic() - begun < PATIENCE_SECONDS, f"{_left(app)} are left"
    writer.join()
    return _count(app, inbox, events, workers.kills, time.monotonic() - begun)


def _write_all(app: Flask, events: int) -> None:
    with app.app_context():
        for number in range(events):
            with transaction():
                happen(number)
            if number % ROLLED_BACK_EVERY == 0:
                _fail_to_happen(events + number)


def _fail_to_happen(number: int) -> None:
    try:
        with transaction():
            happen(number)
            _never_mind()
    except NeverMind:
        return


def _never_mind() -> NoReturn:
    raise NeverMind


def _left(app: Flask) -> int:
    with app.app_context(), reading():
        ours = OutboxEvent.topic.in_(["event", HAPPENED, MAIL])
        return db.session.scalar(select(func.count()).where(*WAITING, ours)) or 0


def _count(app: Flask, inbox: Unreliable, events: int, kills: int, seconds: float) -> Figures:
    with app.app_context(), reading():
        dead = db.session.scalar(select(func.count()).where(OutboxEvent.dead_at.is_not(None))) or 0
    names = Counter(name for name, _, _ in inbox.arrivals)
    numbers = Counter(number for _, number in {(name, number) for name, number, _ in inbox.arrivals})
    return Figures(
        events=events,
        mails=len(names),
        lost=len(set(range(events)) - numbers.keys()),
        duplicates=sum(count - 1 for count in names.values()),
        unlawful=sum(1 for number in numbers if number >= events),
        two_names=sum(1 for count in numbers.values() if count > 1),
        dead=dead,
        kills=kills,
        seconds=seconds,
    )


@contextmanager
def without_connections(app: Flask) -> Iterator[Flask]:
    """Give an application's connections back at the end."""
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
