"""The worker's threads beside each other: receivers that hang hold up neither other receivers nor mail."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import false, select

from app.integrations.webhooks import client
from app.jobs import outbox
from app.jobs.outbox import Task, delivers, enqueue
from app.jobs.policy import Policy
from app.jobs.worker import work
from app.kit.clock import utcnow
from app.models import Role
from app.transactions import transaction
from app.webhooks import attempts, queries, turns
from app.webhooks.queries import TURN
from tests.api import Api
from tests.factories import make_user
from tests.integrations.webhooks.receivers import HOST, receiving, silent, talking
from tests.webhooks.house import House, ids
from tests.webhooks.script import URL, Script

MAIL = "test.mail"
PATIENCE = 2.0
HANGING = 5


@pytest.fixture
def busy_house(app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house in which time passes, and calls may take two seconds."""
    monkeypatch.setattr(client, "TOTAL_SECONDS", PATIENCE)
    monkeypatch.setattr(outbox, "_handlers", dict(outbox._handlers))
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], webhooks_allow_private=True))
    return House(api, make_user(Role.ADMIN))


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """Run the embedded worker, as `flask worker` does, until the block ends."""
    stopping = threading.Event()

    def run() -> None:
        with app.app_context():
            work(stopping, threads=4)

    worker = threading.Thread(target=run)
    worker.start()
    try:
        yield
    finally:
        stopping.set()
        worker.join()


def delays_of_mail(app: Flask, house: House) -> list[float]:
    """Let receivers that hang be told of things, and mails be written meanwhile; return how long each mail waited."""
    sent: dict[int, float] = {}
    written: dict[int, float] = {}
    delivers(MAIL, lambda task: task.payload["number"], lambda number: sent.update({number: time.monotonic()}))
    with ExitStack() as stack:
        for _ in range(HANGING):
            house.subscribe(f"http://{HOST}:{stack.enter_context(talking(silent))}/x")
        house.happen()
        stack.enter_context(working(app))
        for number in range(20):
            written[number] = time.monotonic()
            with transaction():
                enqueue(MAIL, {"number": number}, due_at=utcnow())
            time.sleep(0.1)
        wait_for(lambda: len(sent) == len(written))
    return sorted(sent[number] - written[number] for number in written)


def wait_for(done: Callable[[], bool]) -> None:
    """Wait until it is done, half a minute at most."""
    until = time.monotonic() + 30
    while not done() and time.monotonic() < until:
        time.sleep(0.05)


def test_mail_does_not_wait(app: Flask, busy_house: House) -> None:
    """SS-05: webhooks take two of four threads; what is written meanwhile leaves as if nothing were."""
    delays = delays_of_mail(app, busy_house)
    assert delays[10] < 0.5
    assert delays[-1] < PATIENCE


def test_the_test_above_would_notice(app: Flask, busy_house: House) -> None:
    """The control: where webhooks may take every thread, mail waits for a receiver to be given up."""
    delivers(TURN, attempts.begin, attempts.send, Policy(at_once=None, ordered=False))
    assert delays_of_mail(app, busy_house)[-1] > PATIENCE / 2


def test_other_receivers_do_not_wait(app: Flask, busy_house: House) -> None:
    """Each that hangs is tried once, and left alone for a while; the one that is well gets everything meanwhile."""
    with ExitStack() as stack:
        ports = [stack.enter_context(talking(silent)) for _ in range(2)]
        well = stack.enter_context(receiving())
        hanging = [busy_house.subscribe(f"http://{HOST}:{port}/x") for port in ports]
        busy_house.subscribe(well.url)
        for _ in range(10):
            busy_house.happen()
        with working(app):
            wait_for(lambda: len(well.calls) == 10)
    assert len(well.calls) == 10
    for webhook in hanging:
        assert sum(one["attempts"] for one in busy_house.deliveries(webhook)) == 1


def calls_of(app: Flask, house: House, events: int) -> tuple[int, int]:
    """Let things happen; return how many calls came of it once all have arrived, and how many messages those were."""
    with receiving(pause=0.02) as receiver:
        webhook = house.subscribe(receiver.url)
        for _ in range(events):
            house.happen()
        with working(app):
            wait_for(lambda: len(house.deliveries(webhook, status="delivered")) == events)
        return len(receiver.calls), len(set(ids(receiver)))


@pytest.fixture
def piling_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give an endpoint a turn for every event, whatever waits: two of them are in hand at once now and then."""
    monkeypatch.setattr(queries, "turn_by", lambda *_args: select(false()))


@pytest.mark.usefixtures("piling_up")
def test_each_is_sent_once(app: Flask, busy_house: House) -> None:
    """However many turns of an endpoint are in hand at the same moment."""
    assert calls_of(app, busy_house, 60) == (60, 60)


@pytest.mark.parametrize(("away", "begun"), [(turns.AWAY, 1), (timedelta(), 2)], ids=["as it is", "the control"])
def test_a_turn_takes_its_endpoint(
    house: House, script: Script, monkeypatch: pytest.MonkeyPatch, away: timedelta, begun: int
) -> None:
    """Of two turns begun at once the second sends nothing; unless an endpoint is not marked as taken: then the same."""
    monkeypatch.setattr(turns, "AWAY", away)
    webhook = house.subscribe(URL)
    house.act(webhook, "test")
    turn = Task(1, {"webhook_id": webhook["id"]}, utcnow())
    made = []
    for _ in range(2):
        with transaction():
            made.append(attempts.begin(turn))
    assert len([one for one in made if one is not None]) == begun
    assert script.calls == []
