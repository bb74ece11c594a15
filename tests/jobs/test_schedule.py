"""What is done again and again: once each time, however many look at the clock, and never lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.jobs import outbox, schedule
from app.jobs.claims import claim_due
from app.jobs.outbox import enqueue
from app.jobs.schedule import PERIODIC, daily, enqueue_due, every
from app.jobs.worker import work_once
from app.kit import clock
from app.models import OutboxEvent, PeriodicTask
from app.transactions import transaction
from tests.conftest import CountStatements

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make it six in the morning of a Monday; nothing is periodic."""
    monkeypatch.setattr(outbox, "_handlers", {})
    monkeypatch.setattr(schedule, "_periodic", {})
    schedule.connect()
    with clock.frozen(NOW):
        yield


def note(done: list[datetime], *, more: int = 0) -> None:
    """Have the present instant noted every minute; so many times there is more to do at once."""
    left = [more]

    def step() -> bool:
        done.append(clock.utcnow())
        left[0] -= 1
        return left[0] >= 0

    every(MINUTE, "test.note", step)


def turn() -> int:
    """Look at the clock and do what is due; return how many tasks that were."""
    enqueue_due()
    return work_once()


def waiting() -> list[str]:
    """Return the subjects of the tasks that wait."""
    with transaction():
        found = select(OutboxEvent.subject).where(OutboxEvent.topic == PERIODIC, OutboxEvent.done_at.is_(None))
        return [subject or "" for subject in db.session.scalars(found)]


def test_every_minute() -> None:
    """From the first look on; not sooner than a minute later, and once only however late it has become."""
    done: list[datetime] = []
    note(done)
    times = [
        NOW,
        NOW + MINUTE - timedelta(microseconds=1),
        NOW + MINUTE,
        NOW + timedelta(days=9),
        NOW + timedelta(days=9),
    ]
    for at in times:
        with clock.frozen(at):
            turn()
    assert done == [NOW, NOW + MINUTE, NOW + timedelta(days=9)]


@pytest.mark.parametrize(
    ("zone", "at", "looks"),
    [
        # each at which it is looked, in UTC, and whether it is done then
        (
            "Africa/Nairobi",
            time(3),
            [("2030-01-07T06:00", True), ("2030-01-07T23:59", False), ("2030-01-08T00:00", True)],
        ),
        (  # the clocks go from two to three: half past two is half past three
            "Europe/Berlin",
            time(2, 30),
            [
                ("2030-03-30T01:30", True),
                ("2030-03-31T01:29", False),
                ("2030-03-31T01:30", True),
                ("2030-03-31T23:59", False),
                ("2030-04-01T00:30", True),
            ],
        ),
        (  # the clocks go from three to two: half past two comes twice
            "Europe/Berlin",
            time(2, 30),
            [
                ("2030-10-26T00:30", True),
                ("2030-10-27T00:29", False),
                ("2030-10-27T00:30", True),
                ("2030-10-27T01:30", False),
                ("2030-10-28T01:29", False),
                ("2030-10-28T01:30", True),
            ],
        ),
        (  # midnight is left out
            "Africa/Cairo",
            time(0),
            [("2030-04-24T22:00", True), ("2030-04-25T21:59", False), ("2030-04-25T22:00", True)],
        ),
        (  # a whole day is left out: the 30th
            "Pacific/Apia",
            time(3),
            [("2011-12-29T13:00", True), ("2011-12-30T12:59", False), ("2011-12-30T13:00", True)],
        ),
    ],
)
def test_every_day(app: Flask, zone: str, at: time, looks: list[tuple[str, bool]]) -> None:
    """When the business's clocks show the time, once a day, on the days on which they change as well."""
    done: list[datetime] = []
    daily(at, "test.note", lambda: done.append(clock.utcnow()))
    usual = app.extensions["business"]
    app.extensions["business"] = replace(usual, timezone=zone)
    try:
        for instant, is_time in looks:
            done.clear()
            with clock.frozen(datetime.fromisoformat(instant).replace(tzinfo=UTC)):
                turn()
            assert bool(done) is is_time, instant
    finally:
        app.extensions["business"] = usual


def test_days_that_were_missed_are_made_up_for_once() -> None:
    """After a week without a worker: at once, and then at noon in Nairobi."""
    done: list[datetime] = []
    daily(time(12), "test.note", lambda: done.append(clock.utcnow()))
    week = NOW + timedelta(days=7)
    for at in (NOW, week, week + timedelta(hours=2, minutes=59), week + timedelta(hours=3)):
        with clock.frozen(at):
            turn()
    assert done == [NOW, week, week + timedelta(hours=3)]


def test_many_schedulers(app: Flask) -> None:
    """Eight look at once, also at the very first time: it is in line once."""
    note([])

    def look(_nth: int) -> int:
        with app.app_context():
            return enqueue_due()

    for at in (NOW, NOW + MINUTE):
        with clock.frozen(at), ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(look, range(8))) == 1
            assert waiting() == ["test.note"]
            work_once()


def test_what_still_waits_is_not_put_in_line_again() -> None:
    """However long nobody has worked."""
    note([])
    for minutes in range(5):
        with clock.frozen(NOW + minutes * MINUTE):
            enqueue_due()
    assert waiting() == ["test.note"]


def test_a_clock_that_was_wrong() -> None:
    """A year ahead, for a moment: what it planned, left waiting or had in hand does not keep the next time away."""
    done: list[datetime] = []
    note(done)
    year = timedelta(days=365)
    with clock.frozen(NOW + year):
        turn()
    turn()
    assert done == [NOW + year, NOW]
    with clock.frozen(NOW + year):
        enqueue_due()
        assert len(claim_due(1)) == 1
    with clock.frozen(NOW + MINUTE):
        assert turn() == 1
    assert (done, waiting()) == ([NOW + year, NOW, NOW + MINUTE], [])


def test_clocks_that_differ_a_little() -> None:
    """One that is a moment behind does not do again what the other has just done."""
    done: list[datetime] = []
    note(done)
    turn()
    with clock.frozen(NOW - MINUTE):
        assert turn() == 0
    assert done == [NOW]


def test_more_to_do() -> None:
    """It is called again at once."""
    done: list[datetime] = []
    note(done, more=2)
    assert turn() == 3
    assert (done, waiting()) == ([NOW] * 3, [])


def test_a_failure_is_tried_again() -> None:
    """Within five minutes each time, like every task."""
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise OSError("gone")

    every(timedelta(days=1), "test.fail", fail)
    at = NOW
    for _ in range(12):
        with clock.frozen(at):
            turn()
        at += timedelta(minutes=5)
    assert (len(calls), waiting()) == (12, ["test.fail"])


def test_what_nobody_knows_any_more() -> None:
    """Of a version before: it is done with."""
    with transaction():
        enqueue(PERIODIC, {"name": "test.forgotten"}, due_at=NOW, subject="test.forgotten")
        db.session.add(PeriodicTask(name="test.forgotten", due_at=NOW))
    assert (turn(), waiting()) == (1, [])


def test_nothing_due_costs_one_statement(app: Flask, count_statements: CountStatements) -> None:
    """A look that finds nothing writes nothing."""
    note([])
    turn()
    with count_statements() as seen:
        assert enqueue_due() == 0
    assert len(seen) == 1
