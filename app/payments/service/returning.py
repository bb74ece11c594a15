"""Refunds that people and providers take part in: asked for by admins, carried out by providers, paid out by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from app.extensions import db
from app.integrations.payments import ProviderDown, provider_named
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.kit.errors import Invalid, NotFound
from app.kit.money import Money
from app.models import Payment, Refund, RefundOrigin, RefundState
from app.orders import service as orders
from app.payments import queries
from app.payments.errors import NotByHand, ReceiptUsed, RefundExceedsPayment
from app.payments.service import refunding
from app.payments.service.calls import refund_call_of
from app.payments.service.refunding import BY_HAND, CARRY_OUT, Reason
from app.payments.service.writing import lock_payment, lock_refund
from app.security.actor import Actor
from app.transactions import reading, transaction

HEAD_START = timedelta(seconds=30)
"""The request that asks for a refund tries to carry it out itself; after a crash, the task does."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WantedRefund:
    """Which payment goes back, how much of it (None: all that is left), why, and which goods come back with it."""

    payment_id: int
    amount: Money | None = None
    reason: str = ""
    items: Mapping[int, int] = field(default_factory=dict)


def ask_back(actor: Actor, wanted: WantedRefund) -> Refund:
    """Write the refund of a payment, and the goods that come back.

    Raises `NotFound` naming the field, `RefundExceedsPayment`, `WholeVisitOnly`, `PrepaidWholeOnly`,
    `PrepaidUsed`, `Invalid`.
    """
    try:
        _, payment = lock_payment(wanted.payment_id)
    except NotFound:
        raise NotFound.naming("payment_id") from None
    amount = payment.refundable_amount if wanted.amount is None else wanted.amount.amount
    if not amount:
        raise RefundExceedsPayment(extra={"refundable": {"amount": 0, "currency": payment.currency}})
    reason = Reason(RefundOrigin.REQUEST, wanted.reason, actor.id)
    refunding.take_prepaid_back(payment, amount, reason)
    if wanted.items:
        _take_goods_back(actor, payment, wanted)
    return refunding.give_back(payment, amount, reason, due_at=utcnow() + HEAD_START)


def carry_out(refund_id: int) -> Refund:
    """Let the provider carry out a refund that is pending, and write down what it says.

    Where the provider does not answer, another task tries again.
    """
    with reading():
        refund = db.session.get_one(Refund, refund_id, populate_existing=True)
        payment = db.session.get_one(Payment, refund.payment_id, populate_existing=True)
        call = refund_call_of(payment, refund)
    provider = provider_named(payment.provider)
    if refund.status is not RefundState.PENDING or waits_for_people(refund):
        return refund
    if provider is None:
        log.warning("provider_missing", provider=payment.provider, refund=refund.reference)
        return _try_later(refund_id)
    try:
        outcome = provider.refund(call)
    except ProviderDown as down:
        log.warning("provider_down", provider=payment.provider, refund=refund.reference, error=str(down))
        return _try_later(refund_id)
    with transaction():
        payment, refund = lock_refund(refund_id)
        refunding.settle(payment, refund, outcome)
        if refund.status is RefundState.PENDING and refund.failure_code is None:
            enqueue(CARRY_OUT, {"refund_id": refund.id}, due_at=refunding.retry_at(refund))
    return refund


def pay_out(actor: Actor, refund_id: int, provider_reference: str) -> Refund:
    """Write that people have paid out a refund which its provider does not.

    Raises `NotFound`, `NotByHand`, `ReceiptUsed`.
    """
    payment, refund = lock_refund(refund_id)
    if not waits_for_people(refund):
        raise NotByHand
    told = queries.refunds_of(payment.id).where(Refund.provider_reference == (provider_reference or None))
    used = db.session.scalars(told.where(Refund.id != refund.id)).first() if provider_reference else None
    if used is not None:
        raise ReceiptUsed(extra={"refund_id": used.id})
    refund.provider_reference = provider_reference or None
    refund.created_by = refund.created_by or actor.id
    refunding.succeed(payment, refund)
    return refund


def waits_for_people(refund: Refund) -> bool:
    """Say whether a refund waits for somebody to pay it out."""
    return refund.status is RefundState.PENDING and refund.failure_code == BY_HAND


def _try_later(refund_id: int) -> Refund:
    with transaction():
        _, refund = lock_refund(refund_id)
        if refund.status is RefundState.PENDING:
            enqueue(CARRY_OUT, {"refund_id": refund.id}, due_at=refunding.retry_at(refund))
    return refund


def _take_goods_back(actor: Actor, payment: Payment, wanted: WantedRefund) -> None:
    if payment.order_id is None:
        raise Invalid.field("items", "Goods come back for an order only.")
    orders.take_back(actor, payment.order_id, wanted.items, reason=wanted.reason)
