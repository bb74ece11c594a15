"""Talking to providers: outside every transaction, with one before to read and one after to write down what they said.

A crash in between leaves an open payment, which a repetition of the request, `sync` or the sweeper asks about.
"""

from datetime import timedelta

import structlog

from app.extensions import db
from app.integrations.payments import (
    Failure,
    Outcome,
    PaymentCall,
    Provider,
    ProviderDown,
    Started,
    Status,
    provider_named,
)
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.models import Payment, Verdict
from app.payments.bills import is_payable
from app.payments.errors import ProviderUnavailable
from app.payments.service.applying import CHECK, apply_locked
from app.payments.service.calls import call_of
from app.payments.service.failures import end_failures, gave_way
from app.payments.service.writing import lock_payment
from app.transactions import reading, transaction

LIFETIME = timedelta(minutes=30)
"""How long somebody may take to pay; then the payment is given up."""

PATIENCE = timedelta(days=3)
"""How long a provider is asked that says nothing."""

SELDOM = timedelta(hours=1)
GONE = Failure("no_answer", "The provider never said what became of it.")
UNREACHED = Failure("provider_unreachable", "The provider could not be reached, so nothing was paid. Try again.")

log = structlog.get_logger(__name__)


def carry_on(payment_id: int, *, again: bool) -> Payment:
    """Let the provider begin a payment that has just been written, or, `again`, may have been begun before.

    Raises `ProviderUnavailable`: it stays pending then, and is found out about. Where it was not even asked, and may
    not be asked twice, it has failed.
    """
    payment, call = _read(payment_id)
    provider = provider_named(payment.provider)
    if provider is None:
        _end_failures_if_possible(payment)
        return payment
    if not payment.is_open or call.provider_reference is not None:
        return payment
    if again and not provider.can_repeat_start:
        return payment
    try:
        return _start(provider, payment, call)
    except ProviderDown as down:
        if down.nothing_sent and not provider.can_repeat_start:
            write(payment_id, Outcome(Status.FAILED, failure=UNREACHED))
        raise ProviderUnavailable(headers={"Retry-After": str(down.retry_after)}) from down


def sync(payment_id: int) -> Payment:
    """Ask the provider what has become of a payment, and write it down. Raises `ProviderUnavailable`."""
    payment, call = _read(payment_id)
    provider = provider_named(payment.provider)
    if provider is None:
        return payment
    try:
        return _find_out(provider, payment, call)
    except ProviderDown as down:
        raise ProviderUnavailable(headers={"Retry-After": str(down.retry_after)}) from down


def give_up(payment_id: int) -> Payment:
    """Let the provider end a payment that has not come, and write down what it says. Raises `ProviderUnavailable`."""
    payment, call = _read(payment_id)
    provider = provider_named(payment.provider)
    if provider is None or not payment.is_open:
        return payment
    try:
        write(payment_id, provider.cancel(call))
    except ProviderDown as down:
        raise ProviderUnavailable(headers={"Retry-After": str(down.retry_after)}) from down
    return payment


def check(payment_id: int) -> None:
    """Ask about a payment that is due to be asked about, end one that has taken too long, and plan the next time."""
    payment, call = _read(payment_id)
    provider, is_over = provider_named(payment.provider), _is_over(payment)
    if not is_due(payment):
        return
    try:
        if provider is not None and is_over:
            write(payment_id, provider.cancel(call))
        elif provider is not None:
            _find_out(provider, payment, call)
    except ProviderDown as down:
        log.warning("provider_down", provider=payment.provider, error=str(down))
    with transaction():
        _plan(payment_id)


def is_due(payment: Payment) -> bool:
    """Say whether it is time to ask about a payment."""
    return payment.next_check_at is not None and payment.next_check_at <= utcnow()


def write(payment_id: int, outcome: Outcome) -> Verdict:
    """Write down what a provider has said of a payment."""
    with transaction():
        _, payment = lock_payment(payment_id)
        return apply_locked(payment, outcome)


def write_started(payment_id: int, started: Started) -> Payment:
    """Write down what a provider has begun."""
    outcome = Outcome(started.status, started.amount, started.currency, started.provider_reference, started.failure)
    with transaction():
        _, payment = lock_payment(payment_id)
        apply_locked(payment, outcome)
        if payment.is_open:
            payment.next_action = started.next_action
    return payment


def _find_out(provider: Provider, payment: Payment, call: PaymentCall) -> Payment:
    """Ask what became of a payment; where its beginning was lost and may be repeated, repeat it."""
    if call.provider_reference is None and provider.can_repeat_start and payment.is_open:
        return _start(provider, payment, call)
    write(payment.id, provider.ask(call))
    return payment


def _start(provider: Provider, payment: Payment, call: PaymentCall) -> Payment:
    """Let the provider begin a payment, once nobody can pay any more what failed before it."""
    if end_failures(payment) and gave_way(payment.id):
        return payment
    return write_started(payment.id, provider.start(call))


def _end_failures_if_possible(payment: Payment) -> None:
    try:
        end_failures(payment)
    except ProviderDown as down:
        log.warning("provider_down", payment=payment.reference, error=str(down))


def _read(payment_id: int) -> tuple[Payment, PaymentCall]:
    with reading():
        payment = db.session.get_one(Payment, payment_id, populate_existing=True)
        return payment, call_of(payment)


def _is_over(payment: Payment) -> bool:
    """Say whether nobody should pay it any more: it took too long, or what it is for was given up."""
    if payment.created_at + LIFETIME <= utcnow():
        return True
    with reading():
        return not is_payable(payment)


def _plan(payment_id: int) -> None:
    """Let an open payment be asked about again, the longer it takes the more seldom, until nobody believes in it."""
    _, payment = lock_payment(payment_id)
    if not payment.is_open:
        return
    if payment.created_at + PATIENCE <= utcnow():
        apply_locked(payment, Outcome(Status.FAILED, failure=GONE))
        return
    payment.checks += 1
    payment.next_check_at = utcnow() + min(SELDOM, timedelta(minutes=2 ** min(payment.checks, 6)))
    enqueue(CHECK, {"payment_id": payment.id}, due_at=payment.next_check_at)
