"""Messages that could not be applied when they came, and may be by now."""

from collections.abc import Iterable

from sqlalchemy import update

from app.extensions import BULK, db
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.models import Payment, ProviderEvent, Verdict
from app.payments import queries

READ_EVENT = "payments.read_event"
"""The outbox topic of messages that wait to be applied; payload: `event_id`."""


def read_what_waits(payment: Payment) -> None:
    """Let the messages be read that spoke of this payment's refunds before it had come."""
    _read_soon(db.session.scalars(queries.unread_of(payment.id)))


def read_again(payment: Payment) -> None:
    """Let those be read anew that did not fit to a locked payment, of which something does not go back after all."""
    db.session.flush()
    doubted = update(ProviderEvent).where(ProviderEvent.payment_id == payment.id)
    doubted = doubted.where(ProviderEvent.verdict == Verdict.MISMATCH)
    unread = doubted.values(verdict=None, applied_at=None, detail="").returning(ProviderEvent.id)
    _read_soon(db.session.scalars(unread, execution_options=BULK).all())


def _read_soon(event_ids: Iterable[int]) -> None:
    for event_id in sorted(event_ids):
        enqueue(READ_EVENT, {"event_id": event_id}, due_at=utcnow())
