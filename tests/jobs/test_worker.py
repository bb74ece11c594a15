"""`flask worker`, as people run it."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.integrations.mail import Message, smtp
from app.jobs import outbox, schedule, worker
from app.jobs.outbox import delivers, enqueue, handles
from app.kit import clock
from app.models import Booking, BookingStatus, OutboxEvent, PendingReason
from app.transactions import transaction
from tests.conftest import make_application
from tests.factories import make_booking, make_service, make_staff, make_user
from tests.integrations.mail import servers
from tests.processes import outlived_by_us
from tests.settings import process_environment

PROJECT = Path(__file__).parent.parent.parent
PATIENCE = 30


@pytest.fixture
def beside(database_url: str) -> Iterator[Flask]:
    """An application beside the worker's, on the same database."""
    app = make_application(database_url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def work_in(app: Flask, stopping: threading.Event, threads: int) -> None:
    """Work, in a context of its own."""
    with app.app_context():
        worker.work(stopping, threads)


def overdue_booking() -> int:
    """Write a pending booking past its time, and the task that is to expire it."""
    past = datetime.now(UTC) - timedelta(minutes=1)
    booking = make_booking(
        make_user(),
        make_service(),
        make_staff(),
        past + timedelta(days=1),
        status=BookingStatus.PENDING,
        pending_reason=PendingReason.APPROVAL,
        expires_at=past,
    )
    with transaction():
        enqueue("booking.expire", {"booking_id": booking.id}, due_at=past)
    return booking.id


def status_of(booking_id: int) -> BookingStatus:
    """Return a booking's status as it stands in the table."""
    status = db.session.scalars(select(Booking.status).where(Booking.id == booking_id)).one()
    db.session.commit()
    return status


@contextmanager
def running(database_url: str) -> Iterator[subprocess.Popen[str]]:
    """Run `flask worker` until the block ends, at the latest."""
    command = [*outlived_by_us("TERM"), sys.executable, "-m", "flask", "--app", "run", "worker"]
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=process_environment(database_url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_once(app: Flask) -> None:
    """It does what is due, says how much that was, and ends."""
    app.test_cli_runner().invoke(args=["worker", "--once"])  # what is done again and again begins at the first start
    booking_id = overdue_booking()
    counts = []
    for _ in range(2):
        done = app.test_cli_runner().invoke(args=["worker", "--once"])
        assert done.exit_code == 0, done.output
        counts.append(done.output.splitlines()[-1])
        assert status_of(booking_id) is BookingStatus.EXPIRED
    assert counts == ["3 tasks", "0 tasks"], "the expiry, what it announces, and the mail about that"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_both_signals_stop_it(number: signal.Signals) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        stopping = worker.stop_on_signals()
        assert not stopping.is_set()
        signal.raise_signal(number)
        assert stopping.is_set()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def test_until_it_is_told_to_stop(beside: Flask, database_url: str) -> None:
    """A process of its own goes on with what comes in, and ends in order."""
    with running(database_url) as process:
        booking_id = overdue_booking()
        give_up = time.monotonic() + PATIENCE
        while status_of(booking_id) is not BookingStatus.EXPIRED and time.monotonic() < give_up:
            time.sleep(0.1)
        assert status_of(booking_id) is BookingStatus.EXPIRED
        process.terminate()
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, "Traceback" in errors) == (0, False), errors


def test_the_task_in_hand_is_the_last(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop, a thread finishes one task, not all that are due."""
    monkeypatch.setattr(outbox, "_handlers", {})
    monkeypatch.setattr(schedule, "_periodic", {})
    stopping = threading.Event()
    delivers("test.stop", lambda task: task.id, lambda _message: stopping.set())
    with transaction():
        for _ in range(3):
            enqueue("test.stop", {}, due_at=datetime.now(UTC))
    worker.work(stopping)
    done = [event.done_at is not None for event in db.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id))]
    db.session.commit()
    assert done == [True, False, False]


def test_the_database_may_go_away_and_come_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker waits for it; nor does any other bad moment end it."""
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(worker, "SCHEDULE_SECONDS", 0.01)
    stopping, attempts = threading.Event(), []

    def look(*_rules: object) -> bool:
        attempts.append(1)
        if len(attempts) >= 3:
            stopping.set()
            return False
        raise OperationalError("SELECT", {}, Exception("gone")) if len(attempts) == 1 else RuntimeError("a bad moment")

    monkeypatch.setattr(worker, "is_due", look)
    worker.work(stopping)
    assert len(attempts) >= 3


def test_several_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow task keeps one thread; the others go on, and the end waits for it."""
    monkeypatch.setattr(outbox, "_handlers", {})
    stopping, seen, others_are_done = threading.Event(), [], threading.Event()

    def wait(_message: int) -> None:
        assert others_are_done.wait(PATIENCE)
        seen.append("slow")

    def count(message: int) -> None:
        seen.append(f"quick {message}")
        if len(seen) == 3:
            stopping.set()
            others_are_done.set()

    delivers("test.slow", lambda task: task.id, wait)
    delivers("test.quick", lambda task: task.payload["n"], count)
    with transaction():
        enqueue("test.slow", {}, due_at=datetime.now(UTC) - timedelta(seconds=1))
        for n in range(3):
            enqueue("test.quick", {"n": n}, due_at=datetime.now(UTC))
    worker.work(stopping, threads=2)
    assert seen == ["quick 0", "quick 1", "quick 2", "slow"]


def test_once_tries_each_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is left to the next run, however long the others take; what follows from a task is done in this."""
    monkeypatch.setattr(outbox, "_handlers", {})
    monkeypatch.setattr(schedule, "_periodic", {})
    tried: list[int] = []
    stopping = threading.Event()

    def fail(message: int) -> None:
        tried.append(message)
        clock._Clock.frozen_at = clock.utcnow() + timedelta(seconds=20)
        if len(tried) > 9:
            stopping.set()
        raise OSError("silent")

    handles("test.count", lambda _payload: enqueue("test.mail", {}, due_at=clock.utcnow()))
    delivers("test.mail", lambda task: task.id, fail)
    with clock.frozen(datetime(2030, 1, 7, 6, tzinfo=UTC)):
        with transaction():
            for _ in range(3):
                enqueue("test.mail", {}, due_at=clock.utcnow())
            enqueue("test.count", {}, due_at=clock.utcnow())
        assert worker.work_off(stopping) == 5
    assert len(set(tried)) == len(tried) == 4


def test_silent_servers_hold_up_no_database_work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a mail server that says nothing to every thread, what stays in the house is done all the same."""
    monkeypatch.setattr(outbox, "_handlers", {})
    monkeypatch.setattr(schedule, "_periodic", {})
    stopping, done, mailing = threading.Event(), [], threading.Semaphore(0)

    def hang(message: Message) -> None:
        mailing.release()
        with contextlib.suppress(OSError):
            smtp.send(message, settings)

    def count(payload: dict[str, int]) -> None:
        done.append(payload["n"])

    delivers("test.mail", lambda task: Message("ada@example.test", "Hi", "", message_id=task.reference), hang)
    handles("test.count", count)
    with ExitStack() as until_the_end, socket.create_server(("127.0.0.1", 0)) as silent:
        settings = servers.settings(silent.getsockname()[1])
        with transaction():
            for _ in range(8):
                enqueue("test.mail", {}, due_at=datetime.now(UTC) - timedelta(seconds=1))
        thread = threading.Thread(target=work_in, args=(app, stopping, 4))
        thread.start()
        until_the_end.callback(thread.join)
        until_the_end.callback(silent.close)
        until_the_end.callback(stopping.set)
        for _ in range(4):
            assert mailing.acquire(timeout=PATIENCE)
        with transaction():
            for n in range(3):
                enqueue("test.count", {"n": n}, due_at=datetime.now(UTC))
        give_up = time.monotonic() + PATIENCE / 3
        while len(done) < 3 and time.monotonic() < give_up:
            time.sleep(0.05)
        assert (done, mailing.acquire(blocking=False)) == ([0, 1, 2], False)
