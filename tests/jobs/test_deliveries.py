"""Tasks that leave the house: composed in a transaction, delivered outside any, at least once and known again."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, select, update

from app.extensions import db
from app.integrations.mail import Message, send, smtp
from app.jobs import carrying, outbox
from app.jobs.carrying import carry_out
from app.jobs.claims import claim_due
from app.jobs.outbox import Task, delivers, enqueue
from app.jobs.policy import Policy
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Category, OutboxEvent
from app.transactions import transaction
from tests.integrations.mail import servers
from tests.mailbox import Mailbox

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TOPIC = "test.mail"
LEASE = timedelta(seconds=10)
MOST_ATTEMPTS = 10

_number = count(1)


class Boom(RuntimeError):
    """What a step fails with."""


class Killed(BaseException):
    """What ends the process, as `kill -9` would: nothing catches it."""


@pytest.fixture(autouse=True)
def monday_morning(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make it six in the morning of a Monday; nobody knows any topic, and every pause is as long as it can be."""
    monkeypatch.setattr("random.uniform", lambda _least, most: most)
    monkeypatch.setattr(outbox, "_handlers", {})
    with clock.frozen(NOW):
        yield


@pytest.fixture
def beside(app: Flask) -> Iterator[Engine]:
    """A connection of somebody else, who waits for nothing and nobody."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    impatient = {"timeout": 0} if url.startswith("sqlite") else {"options": "-c lock_timeout=1"}
    engine = create_engine(url, connect_args=impatient)
    yield engine
    engine.dispose()


def write(name: str) -> None:
    """Write something that can be looked for."""
    db.session.add(Category(name=name))
    db.session.flush()


def written() -> list[str]:
    """Return what was written and committed."""
    with transaction():
        return list(db.session.scalars(select(Category.name).order_by(Category.id)))


def compose(task: Task) -> Message:
    """Write a row, another one at each attempt, and a mail to Ada."""
    write(f"composed {next(_number)}")
    return Message("ada@example.test", "Hi", f"Number {task.payload['n']}\n", message_id=task.reference)


def task(n: int = 1) -> int:
    """Write a task; return its id."""
    with transaction():
        enqueue(TOPIC, {"n": n}, due_at=NOW)
    return the_event().id


def the_event() -> OutboxEvent:
    """Return the youngest task as it is now."""
    with transaction():
        fresh = select(OutboxEvent).order_by(OutboxEvent.id.desc()).execution_options(populate_existing=True)
        return db.session.scalars(fresh).first() or pytest.fail("There is no task.")


def boom(*_args: object) -> Any:
    """Fail."""
    raise Boom("no paper")


def test_a_mail_arrives(mailbox: Mailbox) -> None:
    """Once, with the name of its task; what was composed with it is written."""
    delivers(TOPIC, compose, send)
    event_id = task()
    (mail,) = mailbox.deliver()
    assert (mail["To"], mail["Subject"], mail.get_content()) == ("ada@example.test", "Hi", "Number 1\n")
    assert mail["Message-ID"] == f"<{event_id}-20300107T060000000000@parlour.example>"
    event = the_event()
    assert (event.done_at, event.attempts, event.last_error, len(written())) == (NOW, 1, None, 1)
    assert mailbox.deliver() == []


def test_no_commit_no_mail(mailbox: Mailbox) -> None:
    """EM-04: a change that was rolled back is announced to nobody."""
    delivers(TOPIC, compose, send)

    def change_and_fail() -> None:
        with transaction():
            enqueue(TOPIC, {"n": 1}, due_at=NOW)
            boom()

    with pytest.raises(Boom):
        change_and_fail()
    assert mailbox.deliver() == []


def test_nothing_to_send(mailbox: Mailbox) -> None:
    """Done, and what was written stays."""
    delivers(TOPIC, lambda _task: write("looked, and found nobody"), boom)
    task()
    assert mailbox.deliver() == []
    assert (the_event().done_at, written()) == (NOW, ["looked, and found nobody"])


def test_names_differ(app: Flask) -> None:
    """From task to task, and for a task of the same number in a database that was made anew."""
    later = NOW + timedelta(microseconds=1)
    names = {Task(number, {}, at).reference for number in (1, 11) for at in (NOW, later)}
    assert names == {
        "1-20300107T060000000000",
        "1-20300107T060000000001",
        "11-20300107T060000000000",
        "11-20300107T060000000001",
    }


def test_a_failed_composition_leaves_nothing(mailbox: Mailbox) -> None:
    """Neither rows nor mail; it is tried again."""

    delivers(TOPIC, lambda task: boom(compose(task)), send)
    task()
    assert work_once() == 1
    event = the_event()
    assert (event.done_at, event.last_error, event.due_at) == (None, "Boom: no paper", NOW + timedelta(seconds=2))
    assert (mailbox.collect(), written()) == ([], [])
    delivers(TOPIC, compose, send)
    with clock.frozen(event.due_at):
        assert len(mailbox.deliver()) == 1
    assert (len(written()), the_event().attempts) == (1, 2)


def test_a_failed_delivery_is_tried_again_until_it_is_dead(app: Flask) -> None:
    """As any task; what was composed stays."""
    delivers(TOPIC, lambda task: task.id, boom, Policy(MOST_ATTEMPTS))
    task()
    now = NOW
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with clock.frozen(now):
            assert work_once() == 1
        event = the_event()
        assert (event.attempts, event.last_error, event.claimed_until) == (attempt, "Boom: no paper", None)
        assert (event.due_at, event.done_at) == (now + timedelta(seconds=2 * 2 ** (attempt - 1)), None)
        assert event.dead_at == (now if attempt == MOST_ATTEMPTS else None)
        now = event.due_at
    with clock.frozen(now + timedelta(days=365)):
        assert work_once() == 0


def test_a_failure_to_mark_it_done_counts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is delivered again, by the same name."""
    seen: list[str] = []
    delivers(TOPIC, lambda task: task.reference, seen.append)
    task()
    with monkeypatch.context() as broken:
        broken.setattr(carrying, "_finish", boom)
        work_once()
    event = the_event()
    assert (event.done_at, event.last_error) == (None, "Boom: no paper")
    with clock.frozen(event.due_at):
        assert work_once() == 1
    assert (len(seen), len(set(seen)), the_event().done_at) == (2, 1, event.due_at)


def test_killed_after_the_mail_left(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next worker sends it again after the lease, by SMTP under the same Message-ID."""

    def send_and_die(message: Message) -> None:
        smtp.send(message, settings)
        raise Killed

    with servers.receiving() as (inbox, port):
        settings = servers.settings(port)
        delivers(TOPIC, compose, send_and_die)
        task()
        with pytest.raises(Killed):
            work_once()
        db.session.remove()
        delivers(TOPIC, compose, partial(smtp.send, settings=settings))
        assert (work_once(), len(inbox.envelopes)) == (0, 1)
        with clock.frozen(NOW + LEASE):
            assert work_once() == 1
            assert work_once() == 0
    message_id = f"<{the_event().id}-20300107T060000000000@parlour.example>"
    assert [servers.read(envelope)["Message-ID"] for envelope in inbox.envelopes] == [message_id, message_id]
    assert (the_event().done_at, the_event().attempts) == (NOW + LEASE, 2)


def test_a_refusal_notes_no_address(app: Flask) -> None:
    """The tasks' table outlives accounts that are erased."""
    with servers.receiving() as (_, port):
        deliver = partial(smtp.send, settings=servers.settings(port))
        delivers(TOPIC, lambda task: Message(servers.NOBODY, "Hi", "", message_id=task.reference), deliver)
        task()
        work_once()
    assert the_event().last_error == "AddressRefused: SMTPRecipientsRefused 550 5.1.1"


def test_nobody_waits_for_the_network(app: Flask, beside: Engine) -> None:
    """While a mail is on its way, no transaction is open: everything can be written, the task and its rows too."""
    seen: list[tuple[bool, int, int]] = []

    def compose_name(task: Task) -> str:
        write(f"composed {task.id}")
        return f"composed {task.id}"

    def deliver(name: str) -> None:
        with beside.begin() as connection:
            rows = connection.execute(update(Category).where(Category.name == name).values(name="moved"))
            tasks = connection.execute(update(OutboxEvent).values(topic=TOPIC))
        seen.append((db.session().in_transaction(), rows.rowcount, tasks.rowcount))

    delivers(TOPIC, compose_name, deliver)
    task()
    work_once()
    assert (the_event().last_error, seen, written()) == (None, [(False, 1, 1)], ["moved"])


def test_the_test_above_would_notice(app: Flask, beside: Engine) -> None:
    """The control: from inside a transaction that wrote, somebody else can not write."""

    def deliver_too_early(_task: Task) -> None:
        db.session.execute(update(OutboxEvent).values(topic=TOPIC))
        with beside.begin() as connection:
            connection.execute(update(OutboxEvent).values(topic=TOPIC))

    delivers(TOPIC, deliver_too_early, boom)
    task()
    work_once()
    assert (the_event().last_error or "").startswith("OperationalError")


def overtaken(app: Flask, then: Callable[[], object]) -> Callable[[object], None]:
    """Return a delivery so slow that its lease ends, and another worker does the same meanwhile."""
    deliveries: list[object] = []

    def another_worker() -> int:
        with app.app_context():
            return work_once()

    def deliver(message: object) -> None:
        deliveries.append(message)
        if len(deliveries) == 1:
            with clock.frozen(NOW + LEASE), ThreadPoolExecutor(1) as pool:
                assert pool.submit(another_worker).result() == 1
            then()

    return deliver


@pytest.mark.parametrize("ending", [lambda: None, boom])
def test_the_late_end_of_a_slow_delivery_changes_nothing(app: Flask, ending: Callable[[], object]) -> None:
    """Whether it goes well or fails: another worker has done the task, and it stays done."""
    delivers(TOPIC, lambda task: db.session.get_one(OutboxEvent, task.id), overtaken(app, ending))
    task()
    (held,) = claim_due(1)
    carry_out(held)
    event = the_event()
    assert (event.done_at, event.last_error, event.dead_at, event.attempts) == (NOW + LEASE, None, None, 2)


def test_a_slow_delivery_costs_the_next_one_nothing(app: Flask) -> None:
    """Each is claimed when its turn comes, so no lease runs out in a line behind others."""
    leases: list[datetime | None] = []

    def deliver(event_id: int) -> None:
        with transaction():
            waiting = select(OutboxEvent.claimed_until).where(OutboxEvent.id > event_id)
            leases.extend(db.session.scalars(waiting))

    delivers(TOPIC, lambda task: task.id, deliver)
    for n in range(3):
        task(n)
    assert work_once() == 3
    assert leases == [None, None, None]
