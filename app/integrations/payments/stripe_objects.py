"""What Stripe's objects say, in our words. They come as plain mappings: from its answers, and from its messages."""

from collections.abc import Mapping
from typing import Any, Final

from app.integrations.payments.provider import Failure, NextStep, Outcome, RefundSeen, Started, Status
from app.integrations.payments.stripe_units import from_stripe

PAYMENT: Final = "payment"
REFUND: Final = "refund"
"""Under which metadata our references stand at Stripe."""

LARGEST: Final = 2**63 - 1
"""What a column of amounts holds."""

LONGEST_CODE: Final = 64
LONGEST_MESSAGE: Final = 500

_STATUSES: Final = {
    "requires_payment_method": Status.REQUIRES_ACTION,
    "requires_confirmation": Status.REQUIRES_ACTION,
    "requires_action": Status.REQUIRES_ACTION,
    "requires_capture": Status.PENDING,
    "processing": Status.PENDING,
    "succeeded": Status.SUCCEEDED,
    "canceled": Status.CANCELLED,
}
_REFUNDS: Final = {"succeeded": Status.SUCCEEDED, "failed": Status.FAILED, "canceled": Status.FAILED}
_DISPUTES: Final = {
    "warning_needs_response": Status.PENDING,
    "warning_under_review": Status.PENDING,
    "warning_closed": Status.PENDING,
    "prevented": Status.FAILED,
    "won": Status.FAILED,
    "lost": Status.SUCCEEDED,
}
"""What became of the money that a dispute is about: in all other states the bank holds it, and has not decided.

A warning took none, also one that is closed; and a bank may still make a dispute of it, under the same name.
"""

Said = Mapping[str, Any]


def currency_of(said: Said) -> str | None:
    """Return the ISO 4217 code; Stripe writes it small."""
    currency = said.get("currency")
    return currency.upper() if isinstance(currency, str) else None


def amount_in(said: Said, name: str) -> int | None:
    """Return an amount of an object in minor units; None where it has no such, or none that anybody could pay."""
    amount, currency = said.get(name), currency_of(said)
    if not isinstance(amount, int) or isinstance(amount, bool) or not currency:
        return None
    minor_units = from_stripe(amount, currency)
    return minor_units if abs(minor_units) <= LARGEST else None


def our_reference(said: Said, name: str) -> str | None:
    """Return what we wrote into the object's metadata."""
    found = _mapping(said.get("metadata")).get(name)
    return found if isinstance(found, str) else None


def name_in(said: Said, name: str) -> str | None:
    """Return the id of another object, which may stand there whole."""
    found = said.get(name)
    if isinstance(found, Mapping):
        found = found.get("id")
    return found if isinstance(found, str) else None


def failure_in(error: Any) -> Failure | None:
    """Return why a card or an authentication was refused; Stripe's sentences are for the person who pays."""
    said = _mapping(error)
    if not said:
        return None
    code, message = said.get("code") or "refused", said.get("message") or "The payment was refused."
    return Failure(str(code)[:LONGEST_CODE], str(message)[:LONGEST_MESSAGE])


def status_of(intent: Said) -> Status:
    """Return where a payment intent stands; failed, where the last attempt was, though another may follow."""
    status = _STATUSES.get(str(intent.get("status")), Status.PENDING)
    refused = intent.get("status") == "requires_payment_method" and failure_in(intent.get("last_payment_error"))
    return Status.FAILED if refused else status


def outcome_of(intent: Said, status: Status | None = None) -> Outcome:
    """Return what a payment intent says; `status` where a message names it. What says no amount brought nothing."""
    status = status or status_of(intent)
    return Outcome(
        status,
        amount=(amount_in(intent, "amount_received") or 0) if status is Status.SUCCEEDED else None,
        currency=currency_of(intent),
        provider_reference=name_in(intent, "id"),
        failure=_why_failed(intent, status),
    )


def _why_failed(intent: Said, status: Status) -> Failure | None:
    if status is not Status.FAILED:
        return None
    return failure_in(intent.get("last_payment_error")) or Failure("refused", "The payment was refused.")


def started_of(intent: Said) -> Started:
    """Return a payment intent as the beginning of a payment, with what the client's page needs to go on."""
    outcome = outcome_of(intent)
    action = None
    if outcome.status is Status.REQUIRES_ACTION:
        kind = NextStep.AUTHENTICATE if intent.get("status") == "requires_action" else NextStep.CONFIRM
        action = {"type": kind, "client_secret": intent.get("client_secret")}
    return Started(
        outcome.provider_reference, outcome.status, action, outcome.failure, outcome.amount, outcome.currency
    )


def has_refunds(intent: Said) -> bool:
    """Say whether something went back of a payment intent whose charge stands there whole."""
    return bool(_mapping(intent.get("latest_charge")).get("amount_refunded"))


def refund_seen(refund: Said) -> RefundSeen:
    """Return a refund."""
    status = _REFUNDS.get(str(refund.get("status")), Status.PENDING)
    reason = str(refund.get("failure_reason") or "refused")[:LONGEST_CODE]
    why = Failure(reason, "The refund did not reach the card.") if status is Status.FAILED else None
    return RefundSeen(
        name_in(refund, "id") or "",
        status,
        amount_in(refund, "amount") or 0,
        currency_of(refund),
        reference=our_reference(refund, REFUND),
        failure=why,
    )


def refund_outcome(refund: Said) -> Outcome:
    """Return the same as the answer to our asking for it."""
    seen = refund_seen(refund)
    went_back = seen.amount if seen.status is Status.SUCCEEDED else None
    return Outcome(seen.status, went_back, currency_of(refund), seen.provider_reference, seen.failure)


def dispute_seen(dispute: Said) -> RefundSeen:
    """Return a dispute: it took the money back, or failed to, holds it until that is decided, or is a mere warning."""
    status = _DISPUTES.get(str(dispute.get("status")))
    amount, currency = amount_in(dispute, "amount") or 0, currency_of(dispute)
    name = name_in(dispute, "id") or ""
    return RefundSeen(name, status or Status.PENDING, amount, currency, is_dispute=True, is_held=status is None)


def _mapping(value: Any) -> Said:
    return value if isinstance(value, Mapping) else {}
