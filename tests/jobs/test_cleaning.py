"""What nobody needs any more is forgotten, and nothing else."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.jobs import cleaning
from app.jobs.cleaning import KEPT, forget
from app.jobs.schedule import enqueue_due
from app.jobs.worker import work_once
from app.kit import clock
from app.models import (
    AuthSession,
    IdempotencyKey,
    NoticeChannel,
    Notification,
    OneTimeToken,
    OutboxEvent,
    RefreshToken,
    TokenPurpose,
)
from app.transactions import transaction
from tests.factories import make_user

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


def key(at: datetime) -> Any:
    """Return a key that was used at an instant."""
    return IdempotencyKey(user_id=make_user().id, key="k", fingerprint="f", created_at=at)


def token(at: datetime) -> Any:
    """Return a mailed token that expired at an instant."""
    what = {"purpose": TokenPurpose.PASSWORD_RESET, "token_hash": f"hash {at}", "email": "a@example.test"}
    return OneTimeToken(user_id=make_user().id, created_at=at - DAY, expires_at=at, **what)


def session(at: datetime) -> Any:
    """Return a session that expired at an instant."""
    return AuthSession(user_id=make_user().id, created_at=at - DAY, expires_at=at)


def done(at: datetime) -> Any:
    """Return a task that was done at an instant."""
    return OutboxEvent(topic="test.done", payload={}, done_at=at)


def notice(at: datetime) -> Any:
    """Return what somebody was told at an instant."""
    return Notification(kind="payment_failed", channel=NoticeChannel.EMAIL, user_id=make_user().id, created_at=at)


def count(table: type[Any]) -> int:
    """Return how many rows there are."""
    return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    ("name", "make", "period"),
    [
        ("idempotency_keys.forget", key, DAY),
        ("one_time_tokens.forget", token, 7 * DAY),
        ("sessions.forget", session, 7 * DAY),
        ("outbox.forget", done, 30 * DAY),
        ("notifications.forget", notice, 365 * DAY),
    ],
)
def test_to_the_moment(name: str, make: Callable[[datetime], Any], period: timedelta) -> None:
    """What is younger stays."""
    old, young = make(NOW - period - MOMENT), make(NOW - period)
    with transaction():
        db.session.add_all([old, young])
    with transaction():
        assert forget(KEPT[name]) is False
        assert db.session.scalars(select(KEPT[name].since)).all() == [NOW - period]


def test_a_session_goes_with_its_tokens(app: Flask) -> None:
    """Those of others stay."""
    old, young = session(NOW - 8 * DAY), session(NOW)
    with transaction():
        db.session.add_all([old, young])
        db.session.flush()
        for n, one in enumerate((old, old, young)):
            db.session.add(RefreshToken(session_id=one.id, token_hash=f"hash {n}", issued_at=NOW))
    with transaction():
        forget(KEPT["sessions.forget"])
        assert (count(AuthSession), count(RefreshToken)) == (1, 1)


def test_in_batches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest first; the worker goes on at once until all are gone."""
    monkeypatch.setattr(cleaning, "BATCH", 2)
    with transaction():
        db.session.add_all(done(NOW - (40 + n) * DAY) for n in range(3))
    with transaction():
        assert forget(KEPT["outbox.forget"]) is True
        assert db.session.scalars(select(OutboxEvent.done_at)).all() == [NOW - 40 * DAY]
        assert forget(KEPT["outbox.forget"]) is False
        assert count(OutboxEvent) == 0


def test_the_worker_does_it(app: Flask) -> None:
    """Once an hour; the dead and the waiting stay, however old."""
    with transaction():
        db.session.add_all([done(NOW - 31 * DAY), OutboxEvent(topic="test.dead", payload={}, dead_at=NOW - 900 * DAY)])
        db.session.add(OutboxEvent(topic="test.waiting", payload={}, due_at=NOW + DAY, created_at=NOW - 900 * DAY))
    enqueue_due()
    work_once()
    with transaction():
        kept = db.session.scalars(select(OutboxEvent.topic).where(OutboxEvent.topic.like("test.%")))
        assert sorted(kept) == ["test.dead", "test.waiting"]
