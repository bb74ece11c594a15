"""What people read of a message that was kept for them: what its provider says, beside what stands here."""

from collections.abc import Iterator
from typing import Final

from app.integrations.payments import Outcome
from app.models import Payment, ProviderEvent
from app.payments.service import evidence

LONGEST: Final = 500
NOBODYS: Final = "No payment here has the reference that it names."


def doubt_about(event: ProviderEvent, payment: Payment | None, asked: Outcome | None) -> str:
    """Return why a message was not applied, in minor units; `asked` is what its provider said when it was asked."""
    if payment is None:
        return NOBODYS
    names = " ".join(filter(None, (payment.reference, payment.provider_reference)))
    amounts = (payment.amount, payment.captured_amount, payment.refunded_amount)
    agreed, came, went = (f"{amount} {payment.currency}" for amount in amounts)
    said = ", ".join(_said(event, asked))
    return f"Said: {said}. Here: {names} of {agreed}; {came} came, {went} went back."[:LONGEST]


def _said(event: ProviderEvent, asked: Outcome | None) -> Iterator[str]:
    proven, refund = evidence.proven(event)
    outcome = asked or proven
    if outcome is not None:
        yield _called(outcome.status, outcome.provider_reference, outcome.amount, outcome.currency)
    elif refund is None:
        yield _called("", event.provider_reference, event.amount, event.currency)
    for one in outcome.refunds if outcome else (refund,):
        if one is not None:
            yield _called(f"refund {one.status}", one.provider_reference, one.amount, one.currency)


def _called(what: str, name: str | None, amount: int | None, currency: str | None) -> str:
    money = "no amount" if amount is None else f"{amount} {currency or 'of no currency'}"
    return " ".join(filter(None, (what, name, money)))
