"""What a payment provider is asked, and what it answers: the same words for all of them.

Amounts are minor units. An adapter waits for its provider, so it is never called while a row is locked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol


class Status(StrEnum):
    """Where a payment stands. The last three are final, but for a success that is learnt of later."""

    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment or refund did not come about: a short code, and a sentence for the person who pays."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PaymentCall:
    """A payment, as a provider is told of it. `reference` (PY-…) is also the key under which a repetition is known."""

    reference: str
    amount: int
    currency: str
    description: str
    provider_reference: str | None = None
    """The provider's own name for it, once that is known."""

    customer: str | None = None
    """The provider's name of the client (cards)."""

    payment_method: str | None = None
    """The provider's name of a stored card, with which it is paid at once."""

    phone: str | None = None
    """The phone that is asked (M-Pesa), as the caller gave it."""

    callback_url: str | None = None
    """Where the provider says how it went, at an address of this payment alone (M-Pesa)."""

    created_at: datetime | None = None
    """When the payment was begun, by our clock."""


@dataclass(frozen=True, slots=True)
class RefundCall:
    """A refund of a payment. `reference` (RF-…) is also the key under which a repetition is known."""

    reference: str
    amount: int
    currency: str
    payment_reference: str
    payment_provider_reference: str | None
    reason: str
    provider_reference: str | None = None
    """The provider's own name for the refund, once that is known: then it is asked about, and not begun again."""

    attempt: int = 0
    """How often the provider has refused it so far: with each refusal the key of a repetition is another one."""


class NextStep(StrEnum):
    """What the payer does next: send the card's details, prove to be its holder, or answer the phone."""

    CONFIRM = "confirm"
    AUTHENTICATE = "authenticate"
    MPESA_PROMPT = "mpesa_prompt"


@dataclass(frozen=True, slots=True)
class Started:
    """A payment that was begun. `next_action` is what the client's page needs to go on; its `type` is a `NextStep`."""

    provider_reference: str | None
    status: Status
    next_action: dict[str, Any] | None = None
    failure: Failure | None = None
    amount: int | None = None
    """What has come, where it succeeded at once."""

    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the provider says of a payment, or refund, at this moment. `amount` is what has come, or gone back."""

    status: Status
    amount: int | None = None
    currency: str | None = None
    provider_reference: str | None = None
    failure: Failure | None = None
    refunds: "tuple[RefundSeen, ...]" = ()
    """Of a payment that was asked about: what of it has gone back, each by its name."""


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """A refund, or a dispute that took the money back, as the provider tells of it; of what it says no amount, 0.

    `reference` is ours (RF-…) where the refund was; what was made at the provider has none. Of a dispute that is
    pending, `is_held` says whether the bank holds the money already.
    """

    provider_reference: str
    status: Status
    amount: int
    currency: str | None
    reference: str | None = None
    is_dispute: bool = False
    failure: Failure | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a provider's message says. `event_id` is the same in each repetition of it.

    `outcome` and `refund` are set where the message is signed and so proves them; otherwise it is a reason to ask.
    """

    provider: str
    event_id: str
    kind: str
    provider_reference: str | None
    payment_reference: str | None
    amount: int | None
    currency: str | None
    raw: Mapping[str, Any] = field(repr=False)
    outcome: Outcome | None = None
    refund: RefundSeen | None = None

    @property
    def is_reason_to_ask(self) -> bool:
        """Whether it names a payment, and proves nothing of it."""
        return self.provider_reference is not None and not (self.outcome or self.refund)


class ProviderDown(Exception):
    """The provider does not answer, or not now. Try again in `retry_after` s.

    Nothing is known of what was asked, unless `nothing_sent`: then it has not even heard of it.
    """

    def __init__(self, detail: str, retry_after: int = 5, *, nothing_sent: bool = False) -> None:
        """Keep what happened, which quotes nobody's data, and the seconds to wait."""
        super().__init__(detail)
        self.retry_after, self.nothing_sent = retry_after, nothing_sent


class BadCallback(Exception):
    """A message that is not the provider's, is too old, or cannot be read."""


class BadPayment(Exception):
    """The provider takes no such payment: `field` of the request says why in `message`. Nothing has been sent."""

    def __init__(self, field: str, message: str) -> None:
        """Keep the field (`amount`, `phone`, `currency`) and what is wrong with it."""
        super().__init__(message)
        self.field, self.message = field, message


class Provider(Protocol):
    """A payment provider. All but `check` wait for the network and raise `ProviderDown` where it does not answer.

    A refusal is no exception: it is an outcome that failed, and says why.
    """

    name: ClassVar[str]
    can_repeat_start: ClassVar[bool]
    """Whether `start`, repeated under the same reference, is the same payment: then it is repeated after a crash."""

    failed_is_final: ClassVar[bool]
    """Whether nobody can pay any more what failed: otherwise it is cancelled before another payment begins."""

    def check(self, payment: PaymentCall) -> PaymentCall:
        """Return the payment as the provider wants it (its phone normalised). Raises `BadPayment`."""

    def start(self, payment: PaymentCall) -> Started:
        """Begin the payment. `payment` has been through `check`."""

    def ask(self, payment: PaymentCall) -> Outcome:
        """Say where the payment stands at the provider now; one that it has never heard of has failed."""

    def refund(self, refund: RefundCall) -> Outcome:
        """Give money back; repeated under the same reference, it is the same refund. `amount` is what went back."""

    def cancel(self, payment: PaymentCall) -> Outcome:
        """End a payment that nobody has paid, and say what became of it: it may just have succeeded."""


@dataclass(frozen=True, slots=True)
class Card:
    """A stored card: what may be known of it."""

    token: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True)
class Setup:
    """The beginning of storing a card, which goes on in the client's page by `client_secret`."""

    provider_reference: str
    client_secret: str


class Vault(Protocol):
    """A provider that keeps cards. All of it waits for the network and raises `ProviderDown`."""

    def new_customer(self, reference: str) -> str:
        """Return the provider's name of a new client; repeated under the same reference, the same one."""

    def start_setup(self, customer: str, key: str) -> Setup:
        """Begin to store a card; `key` tells repetitions of this beginning from another one."""

    def cards(self, customer: str) -> list[Card]:
        """Return the stored cards of a client."""

    def detach(self, token: str) -> None:
        """Forget a stored card; one that is forgotten already stays so."""


class Signed(Protocol):
    """A provider that signs its messages."""

    def read_webhook(self, body: bytes, signature: str | None) -> Incoming:
        """Return what a message says. Raises `BadCallback` where it is forged, too old or unreadable."""


class Unsigned(Protocol):
    """A provider that does not sign: its messages are a reason to ask, and prove nothing."""

    def read_callback(self, body: bytes) -> Incoming:
        """Return what a message says, without `outcome`. Raises `BadCallback` where it cannot be read."""
