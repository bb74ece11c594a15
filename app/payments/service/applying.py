"""What becomes of a payment by what its provider says: in any order, however often, and never back from success."""

from collections.abc import Iterable

import structlog

from app.bookings import service as bookings
from app.extensions import db
from app.integrations.payments import Outcome, RefundSeen, Status
from app.jobs.events import announce
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.ledger import posting
from app.models import Payment, PaymentState, RefundOrigin, Verdict
from app.orders import service as orders
from app.payments import queries
from app.payments.service import refunding
from app.payments.service.seen import apply_refund_seen
from app.payments.service.waiting import read_what_waits
from app.payments.service.writing import lock_payment

CHECK = "payments.check"
"""The outbox topic of payments that are to be asked about; payload: `payment_id`."""

log = structlog.get_logger(__name__)


def apply(payment_id: int, outcome: Outcome) -> Verdict:
    """Write what the provider says of a payment, and say what became of that."""
    _, payment = lock_payment(payment_id)
    return apply_locked(payment, outcome)


def apply_locked(payment: Payment, outcome: Outcome) -> Verdict:
    """Do the same to a payment that is locked, and its booking or order with it."""
    if not _fits(payment, outcome):
        log.error("payment_mismatch", payment=payment.reference, provider=payment.provider)
        return Verdict.MISMATCH
    payment.provider_reference = payment.provider_reference or outcome.provider_reference
    verdict = _move(payment, outcome)
    if payment.captured_amount:
        verdict = _write_refunds(payment, outcome.refunds) or verdict
    db.session.flush()
    return verdict


def _fits(payment: Payment, outcome: Outcome) -> bool:
    """Say whether it can be this payment that the provider speaks of, and all of the money."""
    theirs = outcome.provider_reference
    if theirs is not None and theirs != payment.provider_reference:
        taken = db.session.scalars(queries.named(payment.provider, theirs, None)).first()
        if payment.provider_reference is not None or taken is not None:
            return False
    if outcome.status is not Status.SUCCEEDED:
        return True
    same_currency = outcome.currency in {None, payment.currency}
    return same_currency and outcome.amount in {None, payment.amount}


def _move(payment: Payment, outcome: Outcome) -> Verdict:
    state = PaymentState(outcome.status)
    if state is PaymentState.SUCCEEDED:
        return _succeed(payment)
    if not payment.may_become(state):
        return Verdict.DUPLICATE if state is payment.status else Verdict.IGNORED
    if state is payment.status and outcome.failure is None:
        return Verdict.DUPLICATE
    was_open = payment.is_open
    payment.become(state)
    if outcome.failure is not None:
        payment.failure_code, payment.failure_message = outcome.failure.code[:64], outcome.failure.message[:500]
    if was_open and not payment.is_open:
        db.session.flush()
        announce("payment.failed", payment_id=payment.id)
    return Verdict.APPLIED


def _succeed(payment: Payment) -> Verdict:
    """Write that the money has come; what is owed no more goes back."""
    if payment.status is PaymentState.SUCCEEDED:
        return Verdict.DUPLICATE
    payment.capture(utcnow())
    take_in(payment)
    return Verdict.APPLIED


def take_in(payment: Payment) -> None:
    """Let the booking or order of a payment that was just captured count it, and the books; or give it back."""
    payment.counted = _count(payment)
    db.session.flush()
    posting.received(payment)
    announce("payment.succeeded", payment_id=payment.id)
    read_what_waits(payment)
    if not payment.counted:
        words = "It came when nothing was owed any more."
        refunding.give_back(payment, payment.captured_amount, refunding.Reason(RefundOrigin.UNDUE, words))


def _count(payment: Payment) -> bool:
    """Let the booking or order count the money; say whether it does."""
    db.session.flush()
    if payment.booking_id is not None:
        return bookings.record_payment(payment.booking_id, payment.amount) is not bookings.Settlement.REFUND_DUE
    assert payment.order_id is not None  # noqa: S101  # says the CHECK `one_thing`
    return orders.record_payment(payment.order_id, payment.amount) is not orders.Settlement.REFUND_DUE


def _write_refunds(payment: Payment, refunds: Iterable[RefundSeen]) -> Verdict | None:
    """Write down what went back, each refund by its name; of what became of them say what matters most."""
    found = {apply_refund_seen(payment, seen) for seen in refunds}
    return next((verdict for verdict in (Verdict.MISMATCH, Verdict.APPLIED) if verdict in found), None)


def check_soon(payment: Payment) -> None:
    """Let a locked payment that is open be asked about at once."""
    payment.next_check_at = utcnow()
    enqueue(CHECK, {"payment_id": payment.id}, due_at=payment.next_check_at)
