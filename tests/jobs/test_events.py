"""What has happened is told to whoever listens: if and only if it did, and to each exactly once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.jobs import events, outbox
from app.jobs.events import AGAIN, EVENT, Event, announce, listens, silent
from app.jobs.outbox import enqueue
from app.jobs.worker import work_once
from app.kit import clock
from app.models import OutboxEvent
from app.transactions import rehearsing, transaction

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)


told: list[tuple[str, Event]] = []
failures: list[str] = []
"""Of what name the next events are that a listener fails at."""


class Boom(RuntimeError):
    """What a listener fails with."""


def mails(event: Event) -> None:
    """Listen, and write a task."""
    told.append(("mails", event))
    enqueue("mail", {"event_id": event.id}, due_at=NOW + timedelta(days=1))


def webhooks(event: Event) -> None:
    """Listen, write a task, and fail where that is wanted."""
    enqueue("webhook", {"event_id": event.id}, due_at=NOW + timedelta(days=1))
    if event.name in failures:
        failures.remove(event.name)
        raise Boom
    told.append(("webhooks", event))


@pytest.fixture(autouse=True)
def monday_morning(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make it six in the morning of a Monday; nobody listens."""
    monkeypatch.setattr(outbox, "_handlers", {})
    monkeypatch.setattr(events, "_listeners", {})
    told.clear()
    failures.clear()
    events.connect()
    with clock.frozen(NOW):
        yield


def rows() -> list[OutboxEvent]:
    """Return all tasks as they are now."""
    with transaction():
        fresh = select(OutboxEvent).order_by(OutboxEvent.id).execution_options(populate_existing=True)
        return list(db.session.scalars(fresh))


def announce_and_fail() -> None:
    """Announce something in a transaction that fails."""
    with transaction():
        announce("booking.confirmed", booking_id=17)
        raise Boom


def test_what_is_written() -> None:
    """One task, in line with what else happens to the same thing."""
    with transaction():
        announce("booking.confirmed", booking_id=17, actor_id=None)
        announce("waitlist.offered", offer_id=3)
    first, second = rows()
    assert (first.topic, first.subject, first.due_at) == (EVENT, "booking:17", NOW)
    assert first.payload == {"name": "booking.confirmed", "about": {"booking_id": 17, "actor_id": None}}
    assert (second.subject, second.payload["about"]) == (None, {"offer_id": 3})


def test_who_listens_is_told() -> None:
    """To those of its name and to those of every name, with its id and the instant at which it happened."""
    listens(["booking.confirmed", "booking.moved"], mails)
    listens(None, webhooks)
    with transaction():
        announce("booking.confirmed", booking_id=17)
        announce("booking.cancelled", booking_id=17)
    first, second = rows()
    with clock.frozen(NOW + timedelta(seconds=1)):
        assert work_once() == 2
    confirmed = Event(first.id, "booking.confirmed", {"booking_id": 17}, NOW)
    cancelled = Event(second.id, "booking.cancelled", {"booking_id": 17}, NOW)
    assert told == [("mails", confirmed), ("webhooks", confirmed), ("webhooks", cancelled)]


def test_one_that_cannot_be_found_again() -> None:
    """It is refused when it is registered, not forgotten."""
    listens(["booking.moved"], mails)
    for listener in (mails, lambda _event: None):
        with pytest.raises(ValueError, match="cannot be told from another"):
            listens(["booking.confirmed"], listener)
    with transaction():
        announce("booking.moved", booking_id=17)
    work_once()
    assert [event.name for _, event in told] == ["booking.moved"]


def test_what_did_not_happen_is_not_told() -> None:
    """Neither after a rollback nor after a rehearsal."""
    with transaction(), rehearsing():
        announce("booking.confirmed", booking_id=17)
    with pytest.raises(Boom):
        announce_and_fail()
    assert rows() == []


def test_one_that_fails_keeps_nobody_from_being_told() -> None:
    """What it wrote is taken back, it is told again, and each listener's tasks are written exactly once."""
    failures.append("booking.confirmed")
    listens(None, webhooks)
    listens(None, mails)
    with transaction():
        announce("booking.confirmed", booking_id=17)
    assert work_once() == 1
    event, again, mail = rows()
    assert (event.done_at, mail.topic, again.topic) == (NOW, "mail", AGAIN)
    with clock.frozen(NOW + timedelta(seconds=2)):
        assert work_once() == 1
    confirmed = Event(event.id, "booking.confirmed", {"booking_id": 17}, NOW)
    assert told == [("mails", confirmed), ("webhooks", confirmed)]
    assert [row.topic for row in rows()] == [EVENT, AGAIN, "mail", "webhook"]


def test_one_that_fails_is_told_in_order() -> None:
    """What happens later to the same thing waits for it, and for it alone; other things' events do not."""
    failures.append("booking.confirmed")
    listens(None, webhooks)
    listens(None, mails)
    with transaction():
        announce("booking.confirmed", booking_id=17)
        announce("booking.cancelled", booking_id=17)
        announce("booking.confirmed", booking_id=18)
        announce("waitlist.offered", offer_id=3)
    assert work_once() == 4
    seen = [(who, event.name) for who, event in told]
    of_mails = ["booking.confirmed", "booking.cancelled", "booking.confirmed", "waitlist.offered"]
    assert [name for who, name in seen if who == "mails"] == of_mails
    assert [name for who, name in seen if who == "webhooks"] == ["booking.confirmed", "waitlist.offered"]
    told.clear()
    with clock.frozen(NOW + timedelta(seconds=2)):
        assert work_once() == 2
    assert [(who, event.name) for who, event in told] == [
        ("webhooks", "booking.confirmed"),
        ("webhooks", "booking.cancelled"),
    ]


def test_who_does_not_listen_any_more_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task of an older version is done with."""
    failures.append("waitlist.offered")
    listens(None, webhooks)
    with transaction():
        announce("waitlist.offered", offer_id=3)
    work_once()
    monkeypatch.setattr(events, "_listeners", {})
    with clock.frozen(NOW + timedelta(seconds=2)):
        assert work_once() == 1
    assert [(row.topic, row.done_at is None) for row in rows()] == [(EVENT, False), (AGAIN, False)]


def test_nobody_listens() -> None:
    """Then it is done with."""
    with transaction():
        announce("booking.confirmed", booking_id=17)
    assert work_once() == 1
    assert rows()[0].done_at == NOW


def test_in_silence() -> None:
    """Nothing is announced inside, and all is again after it, also where it ends badly; tasks are written as ever."""
    with pytest.raises(Boom), silent():
        raise Boom
    with silent(), transaction():
        announce("booking.confirmed", booking_id=2)
        enqueue("test.task", {}, due_at=NOW)
    with transaction():
        announce("booking.confirmed", booking_id=3)
    assert [(row.topic, row.subject) for row in rows()] == [("test.task", None), (EVENT, "booking:3")]
