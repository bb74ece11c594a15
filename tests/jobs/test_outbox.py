"""The outbox: a task exists if and only if its transaction commits, and is carried out at least once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from app.extensions import db
from app.jobs import carrying, outbox
from app.jobs.carrying import carry_out
from app.jobs.claims import claim_due
from app.jobs.outbox import GivenUp, Task, enqueue, handles, takes_long
from app.jobs.policy import Policy
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Category, OutboxEvent
from app.transactions import transaction

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TOPIC = "test.task"
LEASE = timedelta(seconds=10)
MOST_ATTEMPTS = 10
FEW = Policy(MOST_ATTEMPTS)
Payload = dict[str, Any]


class Boom(RuntimeError):
    """What a handler fails with."""


@pytest.fixture(autouse=True)
def monday_morning(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make it six in the morning of a Monday, and every pause as long as it can be."""
    monkeypatch.setattr("random.uniform", lambda _least, most: most)
    with clock.frozen(NOW):
        yield


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> list[Payload]:
    """The payloads that were carried out."""
    seen: list[Payload] = []
    monkeypatch.setattr(outbox, "_handlers", {})
    handles(TOPIC, seen.append, FEW)
    return seen


def fail(_payload: Payload) -> None:
    """Fail."""
    raise Boom("no paper")


def claimed(limit: int) -> list[int]:
    """Claim due tasks; return their ids."""
    return [held.event_id for held in claim_due(limit)]


def enqueue_and_fail() -> None:
    """Write a task in a transaction that fails."""
    with transaction():
        enqueue(TOPIC, {}, due_at=NOW)
        raise Boom


def tasks(count: int = 1, *, due_at: datetime = NOW) -> list[int]:
    """Write tasks; return their ids."""
    with transaction():
        for n in range(count):
            enqueue(TOPIC, {"n": n}, due_at=due_at)
    return [event.id for event in events()]


def events() -> list[OutboxEvent]:
    """Return all tasks as they are now."""
    with transaction():
        fresh = select(OutboxEvent).order_by(OutboxEvent.id).execution_options(populate_existing=True)
        return list(db.session.scalars(fresh))


def test_no_commit_no_task(app: Flask) -> None:
    """It shares the fate of the change that it follows from."""
    with pytest.raises(Boom):
        enqueue_and_fail()
    assert events() == []
    with transaction():
        savepoint = db.session.begin_nested()
        enqueue(TOPIC, {"n": 1}, due_at=NOW)
        savepoint.rollback()
        enqueue(TOPIC, {"n": 2}, due_at=NOW)
    assert [event.payload for event in events()] == [{"n": 2}]


def test_carried_out_once(handled: list[Payload]) -> None:
    """Done is done."""
    tasks(3)
    assert work_once() == 3
    assert work_once() == 0
    assert handled == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert {(event.done_at, event.attempts, event.last_error) for event in events()} == {(NOW, 1, None)}


def test_not_before_it_is_due(handled: list[Payload]) -> None:
    """To the second; the earliest due comes first."""
    tasks(due_at=NOW + timedelta(seconds=2))
    with transaction():
        enqueue(TOPIC, {"n": "first"}, due_at=NOW + timedelta(seconds=1))
    assert work_once() == 0
    with clock.frozen(NOW + timedelta(seconds=2)):
        assert work_once() == 2
    assert handled == [{"n": "first"}, {"n": 0}]


def test_at_most_so_many_at_a_time(handled: list[Payload]) -> None:
    """A claim takes no more than asked for, and no one's twice."""
    ids = tasks(5)
    assert [claimed(2), claimed(2), claimed(2), claimed(2)] == [ids[:2], ids[2:4], ids[4:], []]


def test_many_workers_share(app: Flask, handled: list[Payload]) -> None:
    """Eight at once: every task is claimed by exactly one of them."""
    ids = tasks(60)

    def claim(_nth: int) -> list[int]:
        found: list[int] = []
        with app.app_context():
            while some := claimed(3):
                found += some
        return found

    with ThreadPoolExecutor(8) as pool:
        shared = [event_id for found in pool.map(claim, range(8)) for event_id in found]
    assert sorted(shared) == ids
    assert {event.attempts for event in events()} == {1}


def test_failure_is_noted_and_tried_again_later(handled: list[Payload]) -> None:
    """After 2, 4, 8 … seconds, nine times; then it is dead and says why."""
    handles(TOPIC, fail, FEW)
    (event_id,) = tasks()
    now = NOW
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with clock.frozen(now):
            assert work_once() == 1
        (event,) = events()
        wait = timedelta(seconds=2 * 2 ** (attempt - 1))
        assert (event.attempts, event.last_error, event.claimed_until) == (attempt, "Boom: no paper", None)
        assert (event.due_at, event.done_at) == (now + wait, None)
        assert event.dead_at == (now if attempt == MOST_ATTEMPTS else None)
        with clock.frozen(now + wait - timedelta(microseconds=1)):
            assert claim_due(1) == []
        now += wait
    with clock.frozen(now + timedelta(days=365)):
        assert claim_due(1) == []
    assert [event.id for event in events()] == [event_id]


def test_what_went_well_in_the_end_remembers_no_failure(handled: list[Payload]) -> None:
    """What was said of it may quote whoever it was for, and done tasks hold nothing personal."""
    handles(TOPIC, fail, FEW)
    tasks()
    with clock.frozen(NOW):
        work_once()
    handles(TOPIC, handled.append)
    with clock.frozen(NOW + timedelta(seconds=2)):
        assert work_once() == 1
        assert [(event.done_at, event.last_error) for event in events()] == [(clock.utcnow(), None)]


def test_a_failure_leaves_nothing_behind(handled: list[Payload]) -> None:
    """What the handler wrote goes with it; what comes after it is carried out."""

    def write_and_fail(payload: Payload) -> None:
        db.session.add(Category(name=f"Half done {payload['n']}"))
        db.session.flush()
        if payload["n"] == 0:
            raise Boom

    handles(TOPIC, write_and_fail)
    first, _ = tasks(2)
    assert work_once() == 2
    assert [event.id for event in events() if event.done_at is None] == [first]
    assert db.session.scalars(select(Category.name)).all() == ["Half done 1"]
    db.session.commit()


def test_a_database_error_poisons_nothing(handled: list[Payload]) -> None:
    """A failed statement is rolled back, and the failure can still be noted."""

    def clash(_payload: Payload) -> None:
        db.session.add(OutboxEvent(topic=TOPIC, payload={}, attempts=-1))
        db.session.flush()

    handles(TOPIC, clash)
    (event_id,) = tasks()
    assert not carry_out(claim_due(1)[0])
    (event,) = events()
    assert (event.id, (event.last_error or "")[:14]) == (event_id, "IntegrityError")


def test_an_error_of_any_length_is_noted(handled: list[Payload]) -> None:
    """Its beginning."""

    def shout(_payload: Payload) -> None:
        raise Boom("é" * 5000)

    handles(TOPIC, shout)
    tasks()
    work_once()
    assert events()[0].last_error == ("Boom: " + "é" * 5000)[:2000]


def test_nobody_knows_the_topic(handled: list[Payload]) -> None:
    """A task of a version to come waits like any failure."""
    with transaction():
        enqueue("test.unheard_of", {}, due_at=NOW)
    assert work_once() == 1
    (event,) = events()
    assert (event.done_at, event.attempts, event.last_error) == (None, 1, "KeyError: 'test.unheard_of'")


def test_a_killed_workers_task_comes_back(handled: list[Payload]) -> None:
    """After its lease, to another worker; the first one's late finish changes nothing."""
    (event_id,) = tasks()
    (held,) = claim_due(10)
    assert held.event_id == event_id
    with clock.frozen(NOW + LEASE - timedelta(microseconds=1)):
        assert claim_due(10) == []
    with clock.frozen(NOW + LEASE):
        assert work_once() == 1
    assert carry_out(held)
    (event,) = events()
    assert (event.attempts, event.done_at, handled) == (2, NOW + LEASE, [{"n": 0}])


def test_a_killed_worker_makes_no_pause_longer(handled: list[Payload]) -> None:
    """Pauses grow by failures alone, so that a task is not late because machines are restarted."""
    handles(TOPIC, fail, FEW)
    tasks()
    for n in range(5):
        with clock.frozen(NOW + n * LEASE):
            assert len(claim_due(1)) == 1
    at = NOW + 5 * LEASE
    with clock.frozen(at):
        work_once()
    (event,) = events()
    assert (event.attempts, event.failures, event.due_at) == (6, 1, at + timedelta(seconds=2))


def test_a_task_that_kills_its_workers_is_given_up(handled: list[Payload]) -> None:
    """As often tried as one that fails; then it is dead and says why, and the next ones are carried out."""
    (poison,) = tasks()
    for n in range(MOST_ATTEMPTS):
        with clock.frozen(NOW + n * LEASE):
            assert claimed(10) == [poison]
    with clock.frozen(NOW + MOST_ATTEMPTS * LEASE):
        tasks(1, due_at=NOW)
        assert (claim_due(1), work_once()) == ([], 1)
        dead, done = events()
        assert (dead.attempts, dead.last_error) == (MOST_ATTEMPTS, "No attempt came to an end.")
        assert dead.dead_at == NOW + MOST_ATTEMPTS * LEASE
        assert done.done_at is not None


def test_a_failure_is_in_the_log(handled: list[Payload]) -> None:
    """With the topic, the attempt, and whether it was the last; the trace beside it."""
    handles(TOPIC, fail, FEW)
    tasks()
    with capture_logs() as lines:
        for n in range(MOST_ATTEMPTS):
            with clock.frozen(NOW + timedelta(days=n)):
                work_once()
    failed = [line for line in lines if line["event"] == "task_failed"]
    assert [line["dead"] for line in failed] == [False] * (MOST_ATTEMPTS - 1) + [True]
    assert {(line["topic"], type(line["exc_info"])) for line in failed} == {(TOPIC, Boom)}


def test_some_failures_are_final(handled: list[Payload]) -> None:
    """What can never go well is dead at once, and says why."""

    def give_up(_payload: Payload) -> None:
        raise GivenUp("Nobody lives there.")

    handles(TOPIC, give_up)
    tasks()
    work_once()
    (event,) = events()
    assert (event.dead_at, event.attempts, event.last_error) == (NOW, 1, "GivenUp: Nobody lives there.")


def test_a_failure_that_comes_late_takes_nothing_away(handled: list[Payload]) -> None:
    """An attempt whose lease had ended fails while the next one goes on: that one keeps its claim."""
    tasks()
    (late,) = claim_due(1)
    with clock.frozen(NOW + LEASE):
        (held,) = claim_due(1)
        handles(TOPIC, fail, FEW)
        assert not carry_out(late)
        (event,) = events()
        assert (event.claimed_until, event.attempts, event.last_error) == (NOW + 2 * LEASE, 2, None)
        handles(TOPIC, handled.append, FEW)
        assert carry_out(held)
    assert (events()[0].done_at, len(handled)) == (NOW + LEASE, 1)


@pytest.mark.databases("postgresql")  # on SQLite, who writes is alone
def test_a_claim_made_while_a_failure_is_noted_stays(
    app: Flask, handled: list[Payload], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The late attempt has read that the task is its own; before it writes, somebody else claims it."""
    tasks()
    (late,) = claim_due(1)
    noting = carrying._failed

    def claim_first(*about: Any) -> dict[str, Any]:
        def claim() -> int:
            with app.app_context(), clock.frozen(NOW + LEASE):
                return len(claim_due(1))

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(claim).result() == 1
        return noting(*about)

    monkeypatch.setattr(carrying, "_failed", claim_first)
    handles(TOPIC, fail, FEW)
    assert not carry_out(late)
    (event,) = events()
    assert (event.claimed_until, event.attempts, event.failures) == (NOW + 2 * LEASE, 2, 0)
    assert (event.due_at, event.last_error) == (NOW, None)


@pytest.mark.databases("postgresql")  # on SQLite, who writes is alone
def test_what_two_do_at_once_is_written_once(app: Flask, handled: list[Payload]) -> None:
    """An attempt that is overtaken takes back what it wrote."""
    attempts: list[Payload] = []

    def write(payload: Payload) -> None:
        attempts.append(payload)
        number = len(attempts)
        if number == 1:
            with clock.frozen(NOW + LEASE), app.app_context():
                assert work_once() == 1
        db.session.add(Category(name=f"By attempt {number}"))

    handles(TOPIC, write, FEW)
    tasks()
    (held,) = claim_due(1)
    assert carry_out(held)
    with transaction():
        assert db.session.scalars(select(Category.name)).all() == ["By attempt 2"]


def test_what_takes_long_has_transactions_of_its_own(app: Flask, handled: list[Payload]) -> None:
    """None is open while it works; what it has committed before it fails stays, and it is called again."""
    seen: list[Any] = []

    def work(task: Task) -> None:
        seen.append((task.payload, db.session.registry().in_transaction()))
        with transaction():
            db.session.add(Category(name=f"By attempt {len(seen)}"))
        if len(seen) == 1:
            raise Boom("no paper")

    takes_long(TOPIC, work, FEW)
    tasks()
    work_once()
    with clock.frozen(NOW + LEASE):
        assert work_once() == 1
        assert work_once() == 0
    assert [is_open for _, is_open in seen] == [False, False]
    with transaction():
        assert db.session.scalars(select(Category.name).order_by(Category.id)).all() == ["By attempt 1", "By attempt 2"]
