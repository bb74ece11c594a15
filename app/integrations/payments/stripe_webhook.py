"""Stripe's messages: whether one is Stripe's, and what it says.

The signature stands over the very bytes that came. Each repetition is signed anew, so one older than the tolerance is
somebody else's copy. Of several secrets each is good: so one is changed without losing a message.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
from stripe import SignatureVerificationError, WebhookSignature

from app.integrations.payments import stripe_objects as said
from app.integrations.payments.provider import BadCallback, Incoming, Outcome, RefundSeen, Status
from app.integrations.payments.stripe_objects import Said

NAME: Final = "stripe"
TOLERANCE: Final = 300
"""Seconds for which a signature is good, by the machine's clock, as Stripe's own code has it."""

SUCCEEDED: Final = "payment_intent.succeeded"
_OUTCOMES: Final[dict[str, Status | None]] = {
    "payment_intent.created": None,
    "payment_intent.requires_action": None,
    "payment_intent.processing": Status.PENDING,
    "payment_intent.payment_failed": Status.FAILED,
    "payment_intent.canceled": Status.CANCELLED,
    SUCCEEDED: Status.SUCCEEDED,
}
"""Where a payment stands by the kind of message; None: by the payment intent itself."""

REFUNDED: Final = "charge.refunded"
"""Tells how much of a charge went back in all, and not by which refunds: a reason to ask, no proof."""

_REFUNDS: Final = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})


def verify(body: bytes, signature: str | None, secrets: Sequence[str]) -> None:
    """Raise `BadCallback` unless one of the secrets signed these bytes within the last minutes."""
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        raise BadCallback("The signature is missing, wrong or too old.")


def read(body: bytes) -> Incoming:
    """Return what a message says that is known to be Stripe's. Raises `BadCallback` where it is no event."""
    event = _event(body)
    kind, thing = event["type"], event["data"]["object"]
    if event.get("account") is not None:
        return _of_another(event, thing)
    if kind in _OUTCOMES:
        return _of_intent(event, thing, _OUTCOMES[kind])
    if kind == REFUNDED:
        return _of_charge(event, thing)
    if kind in _REFUNDS:
        return _of_refund(event, thing, said.refund_seen)
    if kind.startswith("charge.dispute."):
        return _of_refund(event, thing, said.dispute_seen)
    return _incoming(event)


def _is_signed(body: bytes, signature: str | None, secret: str) -> bool:
    try:
        # TypeError is what comparing answers to a signature of other letters than ASCII.
        return bool(WebhookSignature.verify_header(body, signature, secret, TOLERANCE))
    except (SignatureVerificationError, ValueError, TypeError):
        return False


def _event(body: bytes) -> dict[str, Any]:
    """Return an event that can be kept as JSON in either database: not too deep, and without NUL."""
    try:
        event = orjson.loads(body)
        kept = orjson.dumps(event)
        is_event = isinstance(event["id"], str) and isinstance(event["type"], str)
        is_event = is_event and isinstance(event["data"]["object"], dict)
    except (ValueError, KeyError, TypeError):
        raise BadCallback("This is no event.") from None
    if not is_event or b"\\u0000" in kept:
        raise BadCallback("This is no event.")
    return dict(event)


def _incoming(event: Said, **more: Any) -> Incoming:
    nothing: dict[str, Any] = dict.fromkeys(("provider_reference", "payment_reference", "amount", "currency"))
    return Incoming(provider=NAME, event_id=event["id"], kind=event["type"], raw=event, **nothing | more)


def _of_intent(event: Said, intent: Said, status: Status | None) -> Incoming:
    outcome = said.outcome_of(intent, status)
    return _incoming(
        event,
        provider_reference=outcome.provider_reference,
        payment_reference=said.our_reference(intent, said.PAYMENT),
        amount=outcome.amount if outcome.amount is not None else said.amount_in(intent, "amount"),
        currency=outcome.currency,
        outcome=outcome,
    )


def _of_another(event: Said, thing: Said) -> Incoming:
    """Return what a message says about money of another merchant, connected to us: that of it nothing came to us."""
    if event["type"] != SUCCEEDED:
        return _incoming(event)
    currency = said.currency_of(thing)
    nothing = Outcome(Status.SUCCEEDED, 0, currency)
    ours = said.our_reference(thing, said.PAYMENT)
    return _incoming(event, payment_reference=ours, amount=0, currency=currency, outcome=nothing)


def _of_charge(event: Said, charge: Said) -> Incoming:
    return _incoming(
        event,
        provider_reference=said.name_in(charge, "payment_intent"),
        payment_reference=said.our_reference(charge, said.PAYMENT),
    )


def _of_refund(event: Said, thing: Mapping[str, Any], seen_in: Callable[[Said], RefundSeen]) -> Incoming:
    seen = seen_in(thing)
    return _incoming(
        event,
        provider_reference=said.name_in(thing, "payment_intent"),
        payment_reference=said.our_reference(thing, said.PAYMENT),
        amount=seen.amount,
        currency=said.currency_of(thing),
        refund=seen,
    )
