"""A payment provider in this process that does as it is told, and notes what it was asked: for our own rules alone.

The real ones are tested against local servers that speak as theirs do.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import ClassVar

import orjson

from app.integrations.payments import (
    BadCallback,
    BadPayment,
    Card,
    Incoming,
    Outcome,
    PaymentCall,
    ProviderDown,
    RefundCall,
    RefundSeen,
    Setup,
    Started,
    Status,
)

ACTION = {"client_secret": "pi_secret"}
OPEN, DONE, ENDED = (Outcome(one) for one in (Status.REQUIRES_ACTION, Status.SUCCEEDED, Status.CANCELLED))
DOWN = ProviderDown("Nobody is there.", retry_after=7)

_number = count(1)


@dataclass
class Scripted:
    """Begins payments as `starts` says, and answers about them, and refunds, what is next in line."""

    name: ClassVar[str] = "stripe"
    can_repeat_start: ClassVar[bool] = True
    failed_is_final: ClassVar[bool] = False

    starts: Status | ProviderDown = Status.REQUIRES_ACTION
    says: Outcome | ProviderDown = OPEN
    refunds: Outcome | ProviderDown = DONE
    cancels: Outcome | ProviderDown = ENDED
    started: list[PaymentCall] = field(default_factory=list)
    asked: list[PaymentCall] = field(default_factory=list)
    refunded: list[RefundCall] = field(default_factory=list)
    cancelled: list[PaymentCall] = field(default_factory=list)
    kept: list[Card] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def check(self, payment: PaymentCall) -> PaymentCall:
        """Take whatever is not for thirteen."""
        if payment.amount == 13:
            raise BadPayment("amount", "Not thirteen.")
        return payment

    def start(self, payment: PaymentCall) -> Started:
        """Begin a payment, the same one for the same reference."""
        self.started.append(payment)
        if isinstance(self.starts, ProviderDown):
            raise self.starts
        name = self.known.setdefault(payment.reference, f"pi_{next(_number)}")
        amount = payment.amount if self.starts is Status.SUCCEEDED else None
        return Started(name, self.starts, ACTION, None, amount, payment.currency)

    def ask(self, payment: PaymentCall) -> Outcome:
        """Say what is next in line."""
        self.asked.append(payment)
        return _said(self.says)

    def refund(self, refund: RefundCall) -> Outcome:
        """Say what is next in line."""
        self.refunded.append(refund)
        return _said(self.refunds)

    def cancel(self, payment: PaymentCall) -> Outcome:
        """Say what is next in line."""
        self.cancelled.append(payment)
        return _said(self.cancels)

    def read_webhook(self, body: bytes, signature: str | None) -> Incoming:
        """Believe whoever signs as `good`."""
        if signature != "good":
            raise BadCallback("forged")
        return _incoming(self.name, body)

    def new_customer(self, reference: str) -> str:
        """Name somebody."""
        return f"cus_{reference}"

    def start_setup(self, customer: str, key: str) -> Setup:
        """Begin to keep a card."""
        return Setup("seti_1", f"{customer}_secret")

    def cards(self, customer: str) -> list[Card]:
        """Return what is kept."""
        if isinstance(self.says, ProviderDown):
            raise self.says
        return list(self.kept)

    def detach(self, token: str) -> None:
        """Forget a card."""
        self.kept = [card for card in self.kept if card.token != token]


class Unsigned(Scripted):
    """The same, without signatures, and with a beginning that cannot be repeated."""

    name: ClassVar[str] = "mpesa"
    can_repeat_start: ClassVar[bool] = False
    failed_is_final: ClassVar[bool] = True

    def read_callback(self, body: bytes) -> Incoming:
        """Believe nothing."""
        return _incoming(self.name, body)


def _said(what: Outcome | ProviderDown) -> Outcome:
    if isinstance(what, ProviderDown):
        raise what
    return what


def _incoming(provider: str, body: bytes) -> Incoming:
    """Read a message of a test's."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadCallback("unreadable") from None
    outcome, refund = said.pop("outcome", None), said.pop("refund", None)
    return Incoming(
        **{"provider": provider, "kind": "event", "provider_reference": None, "payment_reference": None}
        | {"amount": None, "currency": None, "raw": {"said": "so"}}
        | said,
        outcome=outcome and Outcome(**outcome | {"status": Status(outcome["status"])}),
        refund=refund and RefundSeen(**{"currency": "KES"} | refund | {"status": Status(refund["status"])}),
    )
