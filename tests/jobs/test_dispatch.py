"""Celery is told of what is committed and due; nobody waits for it, and without it nothing is lost."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.jobs import dispatch, outbox
from app.jobs.broker import celery_on
from app.jobs.dispatch import CARRY_OUT, EXTENSION, Dispatcher
from app.jobs.outbox import enqueue, enqueue_where
from app.jobs.worker import work_once
from app.kit.clock import utcnow
from app.models import OutboxEvent
from app.transactions import rehearsing, transaction
from tests.processes import free_port
from tests.settings import process_environment

TOPIC = "test.offered"
PATIENCE = 30


class Recorder:
    """Stands for Celery: keeps what it is told."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, tuple[int, ...]]] = []
        self.heard = threading.Event()

    def send_task(self, name: str, args: tuple[int, ...], **_options: Any) -> None:
        """Take a message."""
        self.sent.append((name, args))
        self.heard.set()


@pytest.fixture
def offered(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids that Celery would be told of."""
    ids: list[int] = []
    dispatcher = Dispatcher(celery_on("redis://127.0.0.1:1/0"))
    monkeypatch.setattr(dispatcher, "offer", ids.append)
    monkeypatch.setitem(app.extensions, EXTENSION, dispatcher)
    return ids


def ids_written() -> list[int]:
    """Return the ids of all tasks."""
    with transaction():
        return list(db.session.scalars(select(OutboxEvent.id).order_by(OutboxEvent.id)))


def test_after_the_commit(offered: list[int]) -> None:
    """Of what is due, by its id alone; not before."""
    with transaction():
        enqueue(TOPIC, {}, due_at=utcnow())
        enqueue(TOPIC, {}, due_at=utcnow() + timedelta(days=1))
        enqueue_where(select(OutboxEvent.id), TOPIC, {}, due_at=utcnow())
        enqueue_where(select(OutboxEvent.id).where(OutboxEvent.id < 0), TOPIC, {}, due_at=utcnow())
        assert offered == []
    first, _, third = ids_written()
    assert offered == [first, third]


def test_not_without_one(offered: list[int]) -> None:
    """What is rolled back or rehearsed is told to nobody."""
    with transaction(), rehearsing():
        enqueue(TOPIC, {}, due_at=utcnow())
    db.session.rollback()
    with pytest.raises(ZeroDivisionError):
        fail_to_enqueue()
    assert (offered, ids_written()) == ([], [])


def fail_to_enqueue() -> None:
    """Write a task in a transaction that fails."""
    with transaction():
        enqueue(TOPIC, {}, due_at=utcnow())
        raise ZeroDivisionError


def test_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is sent by a thread of its own."""
    recorder = Recorder()
    Dispatcher(recorder).offer(17)
    assert recorder.heard.wait(PATIENCE)
    assert recorder.sent == [(CARRY_OUT, (17,))]


def test_redis_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes tasks neither fails nor waits; the tasks are there, and any worker does them."""
    monkeypatch.setattr(outbox, "_handlers", {})
    monkeypatch.setitem(app.extensions, EXTENSION, Dispatcher(celery_on(f"redis://127.0.0.1:{free_port()}/0")))
    seen: list[Any] = []
    outbox.handles(TOPIC, seen.append)
    begun = time.perf_counter()
    for n in range(50):
        with transaction():
            enqueue(TOPIC, {"n": n}, due_at=datetime.now(UTC))
    assert time.perf_counter() - begun < 5
    assert (work_once(), len(seen)) == (50, 50)


def test_too_many_to_send(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are left to the sweep; nobody waits for room."""
    monkeypatch.setattr(dispatch, "MOST_UNSENT", 2)
    dispatcher = Dispatcher(Recorder())
    monkeypatch.setattr(dispatcher, "_ensure_thread", lambda: None)
    for n in range(5):
        dispatcher.offer(n)
    assert dispatcher._ids.qsize() == 2


@pytest.mark.parametrize(("settings", "said"), [({}, "CELERY_ENABLED"), ({"CELERY_ENABLED": "true"}, "REDIS_URL")])
def test_the_worker_says_what_is_missing(settings: dict[str, str], said: str) -> None:
    """On one line, with status 1, before it connects anywhere."""
    command = [sys.executable, "-c", "import app.jobs.celery_app"]
    environment = process_environment("sqlite:////nowhere.db", **settings)
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, said in ended.stderr, "Traceback" in ended.stderr) == (1, True, False), ended.stderr
