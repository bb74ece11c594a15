"""What has happened is told to whoever listens: if and only if it did, and to each exactly once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.jobs import events, outbox
from app.jobs.events import EVENT, Event, announce, listens, silent
from app.jobs.outbox import enqueue
from app.jobs.worker import work_once
from app.kit import clock
from app.models import OutboxEvent
from app.transactions import rehearsing, transaction

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)


class Boom(RuntimeError):
    """What a listener fails with."""


@pytest.fixture(autouse=True)
def monday_morning(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make it six in the morning of a Monday; nobody listens."""
    monkeypatch.setattr(outbox, "_handlers", {})
    monkeypatch.setattr(events, "_listeners", [])
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
    told: list[tuple[str, Event]] = []
    listens(["booking.confirmed", "booking.moved"], lambda event: told.append(("mails", event)))
    listens(None, lambda event: told.append(("webhooks", event)))
    with transaction():
        announce("booking.confirmed", booking_id=17)
        announce("booking.cancelled", booking_id=17)
    first, second = rows()
    with clock.frozen(NOW + timedelta(seconds=1)):
        assert work_once() == 2
    confirmed = Event(first.id, "booking.confirmed", {"booking_id": 17}, NOW)
    cancelled = Event(second.id, "booking.cancelled", {"booking_id": 17}, NOW)
    assert told == [("mails", confirmed), ("webhooks", confirmed), ("webhooks", cancelled)]


def test_what_did_not_happen_is_not_told() -> None:
    """Neither after a rollback nor after a rehearsal."""
    with transaction(), rehearsing():
        announce("booking.confirmed", booking_id=17)
    with pytest.raises(Boom):
        announce_and_fail()
    assert rows() == []


def test_each_listeners_tasks_are_written_once() -> None:
    """Where one fails, nothing of the others' stays; they are told again together."""
    failing = [True]

    def write(event: Event) -> None:
        enqueue("mail", {"event_id": event.id}, due_at=NOW + timedelta(days=1))

    def fail_once(_event: Event) -> None:
        if failing.pop():
            failing.append(False)
            raise Boom

    listens(None, write)
    listens(None, fail_once)
    with transaction():
        announce("booking.confirmed", booking_id=17)
    assert (work_once(), [row.topic for row in rows()]) == (1, [EVENT])
    with clock.frozen(NOW + timedelta(seconds=2)):
        work_once()
    event, mail = rows()
    assert (event.done_at, mail.payload) == (NOW + timedelta(seconds=2), {"event_id": event.id})


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
