"""Rows that nobody needs any more, forgotten once an hour."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import delete, select

from app.database import let_statements_take_long
from app.extensions import BULK, db
from app.jobs.schedule import every
from app.kit.clock import utcnow
from app.models import AuthSession, IdempotencyKey, Notification, OneTimeToken, OutboxEvent, RefreshToken
from app.security.idempotency import KEPT as KEYS_KEPT

BATCH: Final = 1000
"""Rows that go at once, so that nobody waits long for a lock."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows that are kept for `period` after the instant in the column `since`, and those that refer to them."""

    since: Any
    period: timedelta
    referring: tuple[Any, ...] = ()


KEPT: Final = {
    "idempotency_keys.forget": Kept(IdempotencyKey.created_at, KEYS_KEPT),
    "one_time_tokens.forget": Kept(OneTimeToken.expires_at, timedelta(days=7)),
    "sessions.forget": Kept(AuthSession.expires_at, timedelta(days=7), (RefreshToken.session_id,)),
    "outbox.forget": Kept(OutboxEvent.done_at, timedelta(days=30)),
    "notifications.forget": Kept(Notification.created_at, timedelta(days=365)),
}
"""What is forgotten when. Tasks that were given up stay until an admin replays or drops them."""


def connect() -> None:
    """Have it done; called once by `create_app`."""
    for name, kept in KEPT.items():
        every(timedelta(hours=1), name, partial(forget, kept))


def forget(kept: Kept) -> bool:
    """Delete the oldest rows past their time; say whether there may be more."""
    let_statements_take_long()
    table = kept.since.class_
    past = select(table.id).where(kept.since < utcnow() - kept.period).order_by(kept.since, table.id).limit(BATCH)
    ids = db.session.scalars(past).all()
    for column in kept.referring:
        db.session.execute(delete(column.class_).where(column.in_(ids)), execution_options=BULK)
    db.session.execute(delete(table).where(table.id.in_(ids)), execution_options=BULK)
    return len(ids) == BATCH
