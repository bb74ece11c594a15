"""The inbox: a provider's message is kept once, answered at once, and applied once, however often and late it comes."""

from datetime import timedelta

import structlog

from app.extensions import db
from app.integrations.payments import Incoming, Outcome, PaymentCall, hash_of, provider_named
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.kit.inserts import insert_into
from app.models import Payment, ProviderEvent, Verdict
from app.payments import queries
from app.payments.service import evidence
from app.payments.service.applying import apply_locked
from app.payments.service.calls import call_of
from app.payments.service.doubts import doubt_about
from app.payments.service.seen import apply_refund_seen
from app.payments.service.waiting import READ_EVENT
from app.payments.service.writing import lock_payment
from app.transactions import locked, reading, transaction

HEAD_START = timedelta(seconds=10)
"""What is proven is applied while its sender waits; after a crash, the task does it. Reasons to ask are its alone."""

log = structlog.get_logger(__name__)


def keep(incoming: Incoming, payment_id: int | None = None) -> int | None:
    """Keep a message, with the task that applies it; return its id, or None where it is kept already.

    `payment_id` is set where the address says which payment it is about: then it proves nothing.
    """
    row = evidence.row_of(incoming) | {"payment_id": payment_id, "received_at": utcnow(), "detail": ""}
    new = insert_into(ProviderEvent, db.engine.dialect.name).values(row)
    new = new.on_conflict_do_nothing(index_elements=["provider", "event_id"])
    event_id: int | None = db.session.scalar(new.returning(ProviderEvent.id))
    if event_id is not None:
        due_at = utcnow() + (HEAD_START if row["proof"] else timedelta(0))
        enqueue(READ_EVENT, {"event_id": event_id}, due_at=due_at)
    return event_id


def read(event_id: int) -> None:
    """Apply a message that has no verdict yet: what it proves, or what its provider says when it is asked.

    Raises `ProviderDown`. What speaks of money that goes back before it has come waits until it has.
    """
    with reading():
        event = db.session.get_one(ProviderEvent, event_id, populate_existing=True)
        payment = _payment_of(event)
        call = call_of(payment) if payment is not None and evidence.asks_for_more(event, payment) else None
    if event.verdict is not None:
        return
    asked = None if call is None else _ask(event, evidence.naming(call, event))
    with transaction():
        _judge(event_id, None if payment is None else payment.id, asked)


def payment_at(secret: str) -> int | None:
    """Return the id of the payment at whose address a message came; None where there is none."""
    return db.session.scalars(queries.by_callback(hash_of(secret))).one_or_none()


def is_unread(event_id: int) -> bool:
    """Say whether a message has no verdict yet."""
    event = db.session.get(ProviderEvent, event_id, populate_existing=True)
    return event is not None and event.verdict is None


def _ask(event: ProviderEvent, call: PaymentCall) -> Outcome | None:
    provider = provider_named(event.provider)
    return None if provider is None else evidence.named(provider.ask(call), event)


def _judge(event_id: int, payment_id: int | None, asked: Outcome | None) -> None:
    payment = None if payment_id is None else lock_payment(payment_id)[1]
    event = locked(ProviderEvent, event_id)
    if event.verdict is not None:
        return  # another one was faster
    event.payment_id = payment_id
    verdict = _verdict_on(event, payment, asked)
    if verdict is not None:
        event.verdict, event.applied_at = verdict, utcnow()
    if verdict in {Verdict.MISMATCH, Verdict.UNKNOWN}:
        event.detail = doubt_about(event, payment, asked)
        log.error("provider_event", verdict=verdict, provider=event.provider, kind=event.kind, event_id=event.id)
    db.session.flush()


def _verdict_on(event: ProviderEvent, payment: Payment | None, asked: Outcome | None) -> Verdict | None:
    """Apply a message to its locked payment, and say what became of it; None where it must wait."""
    outcome, refund = evidence.proven(event)
    if payment is None:
        return Verdict.UNKNOWN if outcome or refund else Verdict.IGNORED
    if refund is not None:
        return apply_refund_seen(payment, refund)
    outcome = asked or outcome
    if outcome is not None:
        return apply_locked(payment, outcome)
    return Verdict.MISMATCH if evidence.differs(event, payment) else Verdict.IGNORED


def _payment_of(event: ProviderEvent) -> Payment | None:
    if event.payment_id is not None:
        return db.session.get_one(Payment, event.payment_id, populate_existing=True)
    if event.provider_reference is None and event.payment_reference is None:
        return None
    found = queries.named(event.provider, event.provider_reference, event.payment_reference)
    return db.session.scalars(found).first()
