"""Refunds as providers tell of them: ours, known again by their names, and those that were made without us."""

from app.extensions import db
from app.integrations.payments import Failure, Outcome, RefundSeen, Status
from app.models import Payment, Refund, RefundOrigin, RefundState, Verdict
from app.payments import queries
from app.payments.service import refunding

CAME_BACK = Failure("came_back", "The provider has the money again.")
"""Why a refund has failed after all of which its provider says no more: a dispute was won."""

DECIDED = (Status.SUCCEEDED, Status.FAILED)
"""What is said of a refund, or a dispute, that has come to its end."""


def apply_refund_seen(payment: Payment, seen: RefundSeen) -> Verdict | None:
    """Write what a provider tells of a refund of a locked payment, and say what became of that.

    None: it must wait, for the money has not come yet.
    """
    refund = _known(payment, seen)
    if not _fits(payment, refund, seen):
        return Verdict.MISMATCH
    if not payment.captured_amount:
        return None
    if refund is not None:
        return _settle(payment, refund, seen)
    return _adopt(payment, seen)


def _adopt(payment: Payment, seen: RefundSeen) -> Verdict:
    """Write what was made without us, once it moves money; the end counts, whichever part of it is told first."""
    if seen.status not in DECIDED and not seen.is_held:
        return Verdict.IGNORED
    moves = seen.status is not Status.FAILED
    if seen.amount > (payment.refundable_amount if moves else payment.captured_amount):
        return Verdict.MISMATCH
    if seen.is_held:
        refunding.hold(payment, seen)
    elif moves:
        refunding.adopt(payment, seen)
    else:
        refunding.adopt_failed(payment, seen, seen.failure or CAME_BACK)
    return Verdict.APPLIED


def _known(payment: Payment, seen: RefundSeen) -> Refund | None:
    """Return the refund that is told of: by either name."""
    refunds = db.session.scalars(queries.refunds_of(payment.id).order_by(Refund.id))
    by_name = (
        one for one in refunds if seen.provider_reference == one.provider_reference or seen.reference == one.reference
    )
    return next(by_name, None)


def _fits(payment: Payment, refund: Refund | None, seen: RefundSeen) -> bool:
    """Say whether it can be money of this payment, and all of a refund that is known."""
    amount_fits = seen.amount > 0 if refund is None else seen.amount == refund.amount
    return amount_fits and seen.currency == payment.currency


def _settle(payment: Payment, refund: Refund, seen: RefundSeen) -> Verdict:
    refund.provider_reference = refund.provider_reference or seen.provider_reference
    if refund.status is RefundState.SUCCEEDED and seen.status is Status.FAILED:
        if seen.provider_reference != refund.provider_reference:
            return Verdict.DUPLICATE  # an attempt before the one that has succeeded
        refunding.reverse(payment, refund, seen.failure or CAME_BACK)
        return Verdict.APPLIED
    if refund.origin is RefundOrigin.DISPUTE:
        return _decide(payment, refund, seen)
    outcome = Outcome(seen.status, seen.amount, payment.currency, seen.provider_reference, seen.failure)
    changed = seen.status is not Status.PENDING and refunding.settle(payment, refund, outcome)
    return Verdict.APPLIED if changed else Verdict.DUPLICATE


def _decide(payment: Payment, refund: Refund, seen: RefundSeen) -> Verdict:
    """End a dispute whose money was held, once it is lost or won."""
    if refund.status is not RefundState.PENDING or seen.status not in DECIDED:
        return Verdict.DUPLICATE
    if seen.status is Status.SUCCEEDED:
        refunding.lose(payment, refund)
    else:
        refunding.win(payment, refund, seen.failure or CAME_BACK)
    return Verdict.APPLIED
