"""`flask worker`, as people run it."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.jobs import outbox, worker
from app.jobs.outbox import enqueue, handles
from app.models import Booking, BookingStatus, OutboxEvent, PendingReason
from app.transactions import transaction
from tests.conftest import make_application
from tests.factories import make_booking, make_service, make_staff, make_user
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
    booking_id = overdue_booking()
    for count in (1, 0):
        done = app.test_cli_runner().invoke(args=["worker", "--once"])
        assert (done.exit_code, done.output.splitlines()[-1]) == (0, f"{count} tasks"), done.output
        assert status_of(booking_id) is BookingStatus.EXPIRED


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
    """Told to stop, a worker finishes one task, not all that are due."""
    monkeypatch.setattr(outbox, "_handlers", {})
    stopping = threading.Event()
    handles("test.stop", lambda _payload: stopping.set())
    with transaction():
        for _ in range(3):
            enqueue("test.stop", {}, due_at=datetime.now(UTC))
    worker.work(stopping)
    done = [event.done_at is not None for event in db.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id))]
    db.session.commit()
    assert done == [True, False, False]


def test_the_database_may_go_away_and_come_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker waits for it."""
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    stopping, attempts = threading.Event(), []

    def claim(_limit: int) -> Any:
        attempts.append(1)
        if len(attempts) == 3:
            stopping.set()
            return []
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(worker, "claim_due", claim)
    worker.work(stopping)
    assert len(attempts) == 3
