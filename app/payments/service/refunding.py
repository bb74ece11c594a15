"""Money that goes back: never more than has come, whoever asks and however many at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.bookings import service as bookings
from app.extensions import db
from app.integrations.payments import Failure, Outcome, RefundSeen, Status
from app.jobs.events import announce
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.kit.money import Money
from app.ledger import posting
from app.models import CASH, PREPAID, Payment, PaymentMethod, Refund, RefundOrigin, RefundState
from app.orders import service as orders
from app.payments import queries
from app.payments.errors import PrepaidWholeOnly, RefundExceedsPayment, WholeVisitOnly
from app.payments.service.waiting import read_again
from app.payments.service.writing import insert
from app.prepaid import service as prepaid
from app.prepaid.service import Because

CARRY_OUT = "payments.refund"
"""The outbox topic of refunds that a provider carries out; payload: `refund_id`."""

BY_HAND = "pay_out_by_hand"
"""What a provider says of a refund that people must pay out."""

CHARGED_BACK = "charge_disputed"
"""What a provider says of a refund of money that a bank has fetched already."""

MOST_REFUSALS = 5
"""After so many refusals of its provider a refund has failed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why money goes back: of what origin, in words, and by whom (None: the system)."""

    origin: RefundOrigin
    words: str = ""
    actor_id: int | None = None


def give_back(payment: Payment, amount: int, reason: Reason, *, due_at: datetime | None = None) -> Refund:
    """Write that `amount` minor units of a locked payment go back. What is ours to give is back at once.

    What a provider must carry out is pending, and its task due at once, or at `due_at`.
    Raises `RefundExceedsPayment`, `WholeVisitOnly`.
    """
    if not 0 < amount <= payment.refundable_amount:
        left = Money(payment.refundable_amount, payment.currency)
        raise RefundExceedsPayment(extra={"refundable": {"amount": left.amount, "currency": left.currency}})
    if payment.method is PaymentMethod.PACKAGE and amount != payment.captured_amount:
        raise WholeVisitOnly
    refund = _promise(payment, amount, reason)
    if payment.provider in {CASH, PREPAID}:
        _put_back(payment, refund)
        succeed(payment, refund)
    else:
        enqueue(CARRY_OUT, {"refund_id": refund.id}, due_at=due_at or utcnow())
    return refund


def take_prepaid_back(payment: Payment, amount: int, reason: Reason, *, used_too: bool = False) -> None:
    """Make void what an order has issued, where what goes back of a locked payment for it is more than its goods cost.

    `used_too`: the money has gone already, so whatever is left of it is void. What a bank holds in dispute has not
    gone. Called before products are locked.
    Raises `PrepaidWholeOnly` where that is not all that is left of the payment, `PrepaidUsed`.
    """
    if payment.order_id is None or not payment.counted:
        return
    order = orders.lock_any_order(payment.order_id)
    returned = db.session.execute(queries.returned_of_order(order.id)).scalar_one() - _held("order_id", order.id)
    if returned + amount <= order.goods_amount or not (order.has_prepaid and prepaid.is_issued(order.id)):
        return
    if amount >= payment.refundable_amount + _held("id", payment.id):
        prepaid.void_order(order.id, Because(actor_id=reason.actor_id, reason=reason.words), used_too=used_too)
    elif not used_too:
        raise PrepaidWholeOnly


def settle(payment: Payment, refund: Refund, outcome: Outcome) -> bool:
    """Write what the provider says of a locked refund; say whether that changed anything.

    One that is refused is tried again, until it was so `MOST_REFUSALS` times; one that the provider made, and that did
    not arrive, has failed.
    """
    if refund.status is not RefundState.PENDING:
        return False
    refund.provider_reference = refund.provider_reference or outcome.provider_reference
    if outcome.status is Status.SUCCEEDED:
        refund.provider_reference = outcome.provider_reference or refund.provider_reference  # of this attempt
        succeed(payment, refund)
    elif outcome.status in {Status.FAILED, Status.CANCELLED}:
        why = outcome.failure or Failure("refused", "The provider refuses the refund.")
        _refuse(payment, refund, why, was_made=outcome.provider_reference is not None)
    elif outcome.failure is not None and refund.failure_code != outcome.failure.code:
        _tell(refund, outcome.failure)
        announce("payment.refund_stuck", payment_id=payment.id, refund_id=refund.id)
    db.session.flush()
    return True


def succeed(payment: Payment, refund: Refund) -> None:
    """Write that a locked, pending refund has gone back: in its payment, its booking or order, and the books."""
    refund.end(RefundState.SUCCEEDED, utcnow())
    payment.refunding_amount -= refund.amount
    payment.refunded_amount += refund.amount
    _record(payment, refund.amount)
    posting.returned(refund, payment)
    announce("payment.refunded", payment_id=payment.id, refund_id=refund.id)


def reverse(payment: Payment, refund: Refund, failure: Failure) -> None:
    """Write that a locked refund that had succeeded has come back: it has failed, and its money can go back anew.

    Its document stands, as nobody owes the money to us; people are told, unless it was a dispute: that is won.
    """
    refund.end(RefundState.FAILED, utcnow())
    _tell(refund, failure)
    payment.refunded_amount -= refund.amount
    _record(payment, -refund.amount)
    posting.came_back(refund, payment)
    read_again(payment)
    if refund.origin is not RefundOrigin.DISPUTE:
        announce("payment.refund_stuck", payment_id=payment.id, refund_id=refund.id)


def adopt(payment: Payment, seen: RefundSeen) -> None:
    """Write a refund of a locked payment that was made at the provider, and has succeeded."""
    reason = _made_there(seen)
    take_prepaid_back(payment, seen.amount, reason, used_too=True)
    refund = _promise(payment, seen.amount, reason)
    refund.provider_reference = seen.provider_reference
    succeed(payment, refund)


def adopt_failed(payment: Payment, seen: RefundSeen, failure: Failure) -> None:
    """Write one of which the end is told first: nothing moves, nor will when its beginning is told."""
    refund = _new(payment, seen.amount, _made_there(seen))
    refund.provider_reference = seen.provider_reference
    refund.end(RefundState.FAILED, utcnow())
    _tell(refund, failure)
    read_again(payment)


def hold(payment: Payment, seen: RefundSeen) -> None:
    """Write that a bank holds money of a locked payment: until it has decided, none of that can go back."""
    _promise(payment, seen.amount, _made_there(seen)).provider_reference = seen.provider_reference


def lose(payment: Payment, refund: Refund) -> None:
    """Write that a dispute whose money was held is lost: it has gone, and so has what it bought ahead."""
    take_prepaid_back(payment, refund.amount, Reason(refund.origin, refund.reason), used_too=True)
    succeed(payment, refund)


def win(payment: Payment, refund: Refund, failure: Failure) -> None:
    """Write that a dispute whose money was held is won: all is as if it had never been."""
    refund.end(RefundState.FAILED, utcnow())
    _tell(refund, failure)
    payment.refunding_amount -= refund.amount
    read_again(payment)


def retry_at(refund: Refund) -> datetime:
    """Return when a refund is tried again that did not come about: the longer it waits, the more seldom."""
    now = utcnow()
    return now + min(timedelta(hours=6), max(timedelta(seconds=30), (now - refund.created_at) / 2))


def _record(payment: Payment, amount: int) -> None:
    """Let the booking or order of a payment count what went back of it; below 0, what came back."""
    db.session.flush()
    if payment.counted and payment.booking_id is not None:
        bookings.record_refund(payment.booking_id, amount)
    elif payment.counted and payment.order_id is not None:
        orders.record_refund(payment.order_id, amount)
    db.session.flush()


def _made_there(seen: RefundSeen) -> Reason:
    return Reason(RefundOrigin.DISPUTE if seen.is_dispute else RefundOrigin.PROVIDER, "Made at the provider.")


def _promise(payment: Payment, amount: int, reason: Reason) -> Refund:
    payment.refunding_amount += amount
    return _new(payment, amount, reason)


def _new(payment: Payment, amount: int, reason: Reason) -> Refund:
    refund = Refund(
        payment_id=payment.id,
        origin=reason.origin,
        currency=payment.currency,
        amount=amount,
        reason=reason.words,
        created_by=reason.actor_id,
    )
    insert(refund, "RF")
    return refund


def _put_back(payment: Payment, refund: Refund) -> None:
    """Put what a payment has spent back on its card, or into its package; cash is in somebody's hand."""
    because = Because(refund.reference, refund.created_by, refund.reason)
    if payment.method is PaymentMethod.GIFT_CARD:
        prepaid.give_back(payment.reference, refund.amount, because)
    elif payment.method is PaymentMethod.PACKAGE:
        prepaid.give_back_visit(payment.reference, because)


def _refuse(payment: Payment, refund: Refund, failure: Failure, *, was_made: bool) -> None:
    refund.attempts += 1
    _tell(refund, failure)
    in_dispute = failure.code == CHARGED_BACK
    if refund.attempts < MOST_REFUSALS and not was_made and not in_dispute:
        enqueue(CARRY_OUT, {"refund_id": refund.id}, due_at=retry_at(refund))
        return
    refund.end(RefundState.FAILED, utcnow())
    payment.refunding_amount -= refund.amount
    read_again(payment)
    if not in_dispute:
        announce("payment.refund_stuck", payment_id=payment.id, refund_id=refund.id)


def _held(column: str, thing_id: int) -> int:
    held: int = db.session.execute(queries.held_of(column, thing_id)).scalar_one()
    return held


def _tell(refund: Refund, failure: Failure) -> None:
    refund.failure_code, refund.failure_message = failure.code[:64], failure.message[:500]
