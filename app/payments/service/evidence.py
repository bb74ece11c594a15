"""What a kept message proves, written into its row and read from it again."""

from dataclasses import asdict, replace
from typing import Any

from app.integrations.payments import Failure, Incoming, Outcome, PaymentCall, RefundSeen, Status
from app.models import Payment, ProviderEvent
from app.models.payment import LONGEST_NAME


def row_of(incoming: Incoming) -> dict[str, Any]:
    """Return a message in the words of its table."""
    proof = {name: asdict(part) for name, part in _parts(incoming).items() if part is not None}
    return {
        "provider": incoming.provider,
        "event_id": incoming.event_id[:LONGEST_NAME],
        "kind": incoming.kind[:100],
        "provider_reference": _short(incoming.provider_reference),
        "payment_reference": _short(incoming.payment_reference),
        "amount": incoming.amount,
        "currency": incoming.currency and incoming.currency[:16],
        "proof": proof,
        "raw": dict(incoming.raw),
    }


def proven(event: ProviderEvent) -> tuple[Outcome | None, RefundSeen | None]:
    """Return what a message proves of a payment, or of a refund."""
    outcome, refund = event.proof.get("outcome"), event.proof.get("refund")
    return outcome and Outcome(**_parsed(outcome)), refund and RefundSeen(**_parsed(refund))


def asks_for_more(event: ProviderEvent, payment: Payment) -> bool:
    """Say whether a message about a payment proves nothing, but is a reason to ask."""
    return not event.proof and not differs(event, payment)


def differs(event: ProviderEvent, payment: Payment) -> bool:
    """Say whether a message speaks of other money than was asked for."""
    return event.amount not in {None, payment.amount} or event.currency not in {None, payment.currency}


def naming(call: PaymentCall, event: ProviderEvent) -> PaymentCall:
    """Return a payment to be asked about, by the name in the message where it has none yet."""
    return call if call.provider_reference else replace(call, provider_reference=event.provider_reference)


def named(outcome: Outcome, event: ProviderEvent) -> Outcome:
    """Return an outcome with the name in the message by which it was asked for."""
    return outcome if outcome.provider_reference else replace(outcome, provider_reference=event.provider_reference)


def _short(name: str | None) -> str | None:
    return name and name[:LONGEST_NAME]


def _parts(incoming: Incoming) -> dict[str, Outcome | RefundSeen | None]:
    return {"outcome": incoming.outcome, "refund": incoming.refund}


def _parsed(part: dict[str, Any]) -> dict[str, Any]:
    failure = part.get("failure")
    return part | {"status": Status(part["status"]), "failure": failure and Failure(**failure)}
