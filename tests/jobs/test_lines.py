"""Who comes when: in line by the subject, few at once by the topic, and for as long as a policy says."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import QueuePool, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from app import create_app
from app.extensions import db
from app.jobs import claims, outbox
from app.jobs.carrying import carry_out
from app.jobs.claims import claim, claim_due, due_ids, is_due, renewing
from app.jobs.outbox import delivers, enqueue
from app.jobs.policy import USUAL, Policy, trying_for
from app.jobs.service import replay
from app.jobs.worker import work_once
from app.kit import clock
from app.models import OutboxEvent, Role
from app.security.actor import Actor
from app.transactions import transaction
from config import load_settings
from tests.factories import make_user
from tests.settings import environment

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
LEASE = timedelta(seconds=10)
TOPIC, OTHER = "test.mail", "test.sms"


@pytest.fixture(autouse=True)
def monday_morning(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make it six in the morning of a Monday; nobody knows any topic."""
    monkeypatch.setattr(outbox, "_handlers", {})
    with clock.frozen(NOW):
        yield


@pytest.fixture
def sent() -> list[str]:
    """What was delivered; whatever is called `refused` fails."""
    return deliver_all()


def deliver_all(policy: Policy = USUAL) -> list[str]:
    """Let the tasks of both topics be delivered to the list that is returned."""
    arrived: list[str] = []

    def deliver(name: str) -> None:
        if name == "refused":
            raise OSError(name)
        arrived.append(name)

    for topic in (TOPIC, OTHER):
        delivers(topic, lambda task: str(task.payload["name"]), deliver, policy)
    return arrived


def task(name: str, subject: str | None = None, *, topic: str = TOPIC, due_at: datetime = NOW) -> int:
    """Write a task; return its id."""
    with transaction():
        enqueue(topic, {"name": name}, due_at=due_at, subject=subject)
        return db.session.scalars(select(OutboxEvent.id).order_by(OutboxEvent.id.desc())).first() or 0


def test_in_line(sent: list[str]) -> None:
    """The second waits for the first, also while that waits for its next attempt; nobody else does."""
    first = task("refused", "booking:1")
    task("b", "booking:1")
    task("c", "booking:2")
    task("d", "booking:1", topic=OTHER)
    task("e")
    task("f")
    assert (work_once(), sent) == (5, ["c", "d", "e", "f"])
    with transaction():
        db.session.get_one(OutboxEvent, first).payload = {"name": "a"}
    with clock.frozen(NOW + timedelta(seconds=2)):
        assert work_once() == 2
    assert sent[4:] == ["a", "b"]


def test_the_dead_hold_nobody_up(sent: list[str]) -> None:
    """What comes after them is carried out."""
    first = task("refused", "booking:1")
    task("b", "booking:1")
    with transaction():
        db.session.get_one(OutboxEvent, first).dead_at = NOW
    assert (work_once(), sent) == (1, ["b"])


def test_one_in_hand_holds_its_line(sent: list[str]) -> None:
    """Two workers never have two of one subject; and whoever asks for one by its id is told to wait."""
    first, second = task("a", "booking:1"), task("b", "booking:1")
    (held,) = claim_due(10)
    assert (held.event_id, claim_due(10), claim(second), claim(first), is_due()) == (first, [], None, None, False)
    assert carry_out(held)
    following = claim(second)
    assert following is not None
    assert (carry_out(following), sent) == (True, ["a", "b"])


@pytest.mark.parametrize(
    ("policy", "held"),
    [
        (Policy(), {"claimed_until": NOW + LEASE}),
        (Policy(), {"failures": 1, "due_at": NOW + LEASE}),
        (Policy(ordered=False), {"claimed_until": NOW + LEASE}),
    ],
)
def test_a_long_line(policy: Policy, held: dict[str, Any]) -> None:
    """Whoever looks past ten thousand tasks that are held up, looks at each of them once."""
    deliver_all(policy)
    row = {"topic": TOPIC, "subject": "booking:1", "payload": {"name": "a"}, "due_at": NOW}
    with transaction():
        db.session.execute(insert(OutboxEvent), row | held)
        db.session.execute(insert(OutboxEvent), [row] * 10_000)
        db.session.execute(text("ANALYZE outbox_events"))
    other = task("b", topic=OTHER)
    began = time.monotonic()
    assert claim_due(1) == [claims.Claim(other, 1)]
    assert time.monotonic() - began < 1


def test_a_replayed_task_comes_first(app: Flask, sent: list[str]) -> None:
    """Also where one behind it has failed meanwhile: that is tried after it."""
    first, second = task("refused", "booking:1"), task("refused", "booking:1")
    with transaction():
        db.session.get_one(OutboxEvent, first).dead_at = NOW
    assert work_once() == 1
    admin = make_user(Role.ADMIN)
    with transaction():
        replay(Actor(admin.id, Role.ADMIN), first)
        for event_id, name in ((first, "a"), (second, "b")):
            db.session.get_one(OutboxEvent, event_id).payload = {"name": name}
    assert (work_once(), sent) == (2, ["a", "b"])


def test_a_loose_line() -> None:
    """One at a time, but what waits for its next attempt lets the others pass."""
    sent = deliver_all(Policy(ordered=False))
    task("refused", "endpoint:1")
    task("b", "endpoint:1")
    task("c", "endpoint:1")
    (held,) = claim_due(1)
    assert claim_due(1) == []
    assert not carry_out(held)
    assert (work_once(), sent) == (2, ["b", "c"])


def test_few_at_once() -> None:
    """Of a slow topic no more than so many are in hand; those of others pass them."""
    deliver_all(Policy(at_once=2))
    ids = [task(name) for name in "abc"]
    other = task("d", topic=OTHER, due_at=NOW)
    claimed = [held.event_id for _ in range(4) for held in claim_due(1)]
    assert (claimed, due_ids(10)) == ([*ids[:2], other], [])
    with clock.frozen(NOW + LEASE):
        assert due_ids(1) == [ids[0]]


def test_one_lane() -> None:
    """Topics that share a lane share its limit, also within one claim."""
    for topic in (TOPIC, OTHER):
        delivers(topic, lambda task: task.id, print, Policy(at_once=2, lane="mail"))
    ids = [task("a"), task("b", topic=OTHER), task("c"), task("d", topic=OTHER)]
    assert [held.event_id for held in claim_due(10)] == ids[:2]
    assert (claim(ids[2]), due_ids(10)) == (None, [])


@pytest.mark.parametrize(("policy", "most"), [(Policy(at_once=2), 2), (Policy(ordered=False), 3)])
def test_limits_hold_in_a_crowd(app: Flask, policy: Policy, most: int) -> None:
    """Eight claim at the same moment: of a lane so many are in hand, of a loose subject one."""
    delivers(TOPIC, lambda task: task.id, print, policy)
    for n in range(12):
        task(str(n), f"endpoint:{n % 3}")
    together, held = threading.Barrier(8), []

    def claim_one() -> None:
        with app.app_context():
            is_due()
            together.wait()
            held.extend(claim_due(1))
            db.session.remove()

    for _ in range(6):
        crowd = [threading.Thread(target=claim_one) for _ in range(8)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
    with transaction():
        subjects = Counter(db.session.get_one(OutboxEvent, one.event_id).subject for one in held)
    assert (len(held), subjects.most_common(1)[0][1]) == (most, 1)


def test_a_lease_is_renewed(sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """For as long as the work goes on; not for somebody else's attempt, nor for what has ended."""
    event_id = task("a")
    (held,) = claim_due(1)

    def ends_at() -> datetime | None:
        with transaction():
            return db.session.get_one(OutboxEvent, event_id, populate_existing=True).claimed_until

    with clock.frozen(NOW + timedelta(seconds=4)):
        claims._prolong(db.engine, held, LEASE)
        assert ends_at() == NOW + timedelta(seconds=14)
        claims._prolong(db.engine, claims.Claim(event_id, 2), 2 * LEASE)
        assert ends_at() == NOW + timedelta(seconds=14)
        assert carry_out(held)
        claims._prolong(db.engine, held, 2 * LEASE)
        assert ends_at() == NOW + timedelta(seconds=14)


def test_the_renewing_beats_in_time(sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times a lease."""
    beats: list[claims.Claim] = []
    monkeypatch.setattr(claims, "_prolong", lambda _engine, held, _length: beats.append(held))
    monkeypatch.setattr(claims, "lease", lambda: timedelta(seconds=0.03))
    task("a")
    (held,) = claim_due(1)
    over = threading.Event()
    with renewing(held):
        over.wait(0.2)
    assert len(beats) >= 5
    assert set(beats) == {held}


@pytest.mark.parametrize("error", [NoConnection(), OperationalError("UPDATE", {}, Exception("gone"))])
def test_the_renewing_goes_on_after_a_bad_moment(
    sent: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A pool that is full, a database that is away: the next beat may reach it."""
    beats, twice = [], threading.Event()

    def prolong(*_about: object) -> None:
        beats.append(1)
        if len(beats) == 1:
            raise error
        twice.set()

    monkeypatch.setattr(claims, "_prolong", prolong)
    monkeypatch.setattr(claims, "lease", lambda: timedelta(seconds=0.03))
    task("a")
    (held,) = claim_due(1)
    with renewing(held):
        assert twice.wait(10)


@pytest.mark.parametrize("threads", [4, 32])
def test_every_thread_has_its_connections(database_url: str, threads: int) -> None:
    """The pool has one for each thread's work, for each thread's lease, and for the schedule."""
    settings = load_settings(environment(database_url) | {"WORKER_THREADS": str(threads)})
    app = create_app(settings)
    with app.app_context():
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        assert pool.size() >= 2 * (threads + 1) + 1


def test_pauses() -> None:
    """Each twice the one before, up to an hour; never twice the same, never longer."""
    for attempt in range(1, 60):
        longest = min(timedelta(seconds=2) * 2 ** min(attempt - 1, 20), timedelta(hours=1))
        pauses = [USUAL.wait_after(attempt) for _ in range(20)]
        assert 0.75 * longest <= min(pauses) < max(pauses) <= longest


@pytest.mark.parametrize("days", [1, 3])
def test_for_so_long(days: int) -> None:
    """However short the pauses turn out."""
    policy = trying_for(timedelta(days=days))
    pauses = (min(timedelta(seconds=2) * 2 ** min(n, 20), timedelta(hours=1)) for n in range(policy.attempts - 1))
    shortest = 0.75 * sum(pauses, timedelta())
    assert timedelta(days=days) <= shortest < timedelta(days=days, hours=1)
