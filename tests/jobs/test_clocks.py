"""A worker whose clock went wrong for a moment keeps no task away for a year."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.jobs import clocks, outbox, schedule
from app.jobs.claims import claim_due
from app.jobs.clocks import bring_back
from app.jobs.outbox import delivers, enqueue
from app.jobs.schedule import enqueue_due
from app.jobs.worker import work_once
from app.kit import clock
from app.models import OutboxEvent
from app.transactions import transaction
from tests.conftest import CountStatements

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
MINUTE, HOUR, YEAR = timedelta(minutes=1), timedelta(hours=1), timedelta(days=365)
LEASE = timedelta(seconds=10)
TOPIC = "test.mail"


@pytest.fixture(autouse=True)
def sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Six in the morning of a Monday; what is delivered. Whatever is called `refused` fails."""
    monkeypatch.setattr(outbox, "_handlers", {})
    monkeypatch.setattr(schedule, "_periodic", {})
    arrived: list[str] = []

    def deliver(name: str) -> None:
        if name == "refused":
            raise OSError(name)
        arrived.append(name)

    schedule.connect()
    clocks.connect()
    delivers(TOPIC, lambda task: str(task.payload["name"]), deliver)
    with clock.frozen(NOW):
        yield arrived


def task(name: str, *, due_at: datetime = NOW, subject: str | None = None) -> None:
    """Write a task."""
    with transaction():
        enqueue(TOPIC, {"name": name}, due_at=due_at, subject=subject)


def waiting() -> list[tuple[str, datetime, datetime | None]]:
    """Return (name, due_at, claimed_until) of the tasks that wait."""
    with transaction():
        found = select(OutboxEvent.payload, OutboxEvent.due_at, OutboxEvent.claimed_until)
        found = found.where(OutboxEvent.topic == TOPIC, OutboxEvent.done_at.is_(None)).order_by(OutboxEvent.id)
        return [(payload["name"], due_at, until) for payload, due_at, until in db.session.execute(found)]


def look() -> None:
    """Bring back what was put off."""
    with transaction():
        assert bring_back() is False


def test_a_lease_that_cannot_be_true(sent: list[str]) -> None:
    """It is over, and with it the wait of those in its line."""
    task("a", subject="booking:1")
    task("b", subject="booking:1")
    with clock.frozen(NOW + YEAR):
        assert len(claim_due(1)) == 1
    assert work_once() == 0
    enqueue_due()
    work_once()
    assert sent == ["a", "b"]


def test_a_pause_that_cannot_be_true(sent: list[str]) -> None:
    """It failed in a year that has not come."""
    task("refused")
    with clock.frozen(NOW + YEAR):
        work_once()
    (before,) = waiting()
    assert before[1] > NOW + YEAR
    look()
    assert waiting() == [("refused", NOW, None)]


def test_what_was_written_in_the_future() -> None:
    """It waits as long as it was meant to, and no longer."""
    with clock.frozen(NOW + YEAR):
        task("at once", due_at=NOW + YEAR)
        task("later", due_at=NOW + YEAR + HOUR)
    look()
    assert waiting() == [("at once", NOW, None), ("later", NOW + HOUR, None)]


def test_looking_twice(sent: list[str]) -> None:
    """Finds nothing to bring back any more: what was meant to wait for days does."""
    with clock.frozen(NOW + YEAR):
        task("later", due_at=NOW + YEAR + 48 * HOUR)
    for minutes in range(3):
        with clock.frozen(NOW + minutes * MINUTE):
            look()
        assert waiting() == [("later", NOW + 48 * HOUR, None)]
    with clock.frozen(NOW + 48 * HOUR):
        work_once()
    assert sent == ["later"]


def test_what_was_tried_keeps_its_name() -> None:
    """Whoever has got it already, in an attempt of which nobody knows the end, knows it again."""
    with clock.frozen(NOW + YEAR):
        task("tried", due_at=NOW + YEAR)
        (held,) = claim_due(1)
    with transaction():
        event = db.session.get_one(OutboxEvent, held.event_id)
        event.claimed_until = None
        before = event.created_at
    look()
    with transaction():
        event = db.session.get_one(OutboxEvent, held.event_id, populate_existing=True)
        assert (event.due_at, event.created_at) == (NOW, before)


def test_what_may_be_true_stays() -> None:
    """Leases and pauses of clocks that differ a little, and what is planned for next year."""
    task("held")
    task("refused", due_at=NOW - HOUR)
    with clock.frozen(NOW + 4 * MINUTE):
        (refused,) = claim_due(1)
        assert len(claim_due(1)) == 1
    with transaction():
        event = db.session.get_one(OutboxEvent, refused.event_id)
        event.claimed_until, event.failures, event.due_at = None, 20, NOW + HOUR + 4 * MINUTE
    task("next year", due_at=NOW + YEAR)
    before = waiting()
    look()
    assert waiting() == before
    assert before[0][2] == NOW + 4 * MINUTE + LEASE


def test_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called again at once where there may be more."""
    monkeypatch.setattr(clocks, "BATCH", 2)
    with clock.frozen(NOW + YEAR):
        for name in "abc":
            task(name, due_at=NOW + YEAR)
    with transaction():
        assert (bring_back(), bring_back()) == (True, False)
    assert {due_at for _, due_at, _ in waiting()} == {NOW}


def test_nothing_to_bring_back_costs_two_statements(app: Flask, count_statements: CountStatements) -> None:
    with count_statements() as statements:
        look()
    assert len(statements) == 2
