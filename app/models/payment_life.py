"""The words of a payment's life, and which of them may follow which (product.md §7)."""

from enum import StrEnum
from typing import Final


class PaymentMethod(StrEnum):
    """How it is paid."""

    CASH = "cash"
    CARD_TERMINAL = "card_terminal"
    CARD = "card"
    MPESA = "mpesa"
    GIFT_CARD = "gift_card"
    PACKAGE = "package"


class Purpose(StrEnum):
    """What it is for: the deposit, what is left after it, or all of it at once."""

    DEPOSIT = "deposit"
    BALANCE = "balance"
    FULL = "full"


class PaymentState(StrEnum):
    """Where a payment stands."""

    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RefundState(StrEnum):
    """Where a refund stands."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundOrigin(StrEnum):
    """Why money goes back: an admin says so, by the policy of what was cancelled, because it came when nothing was
    owed any more; or it was done at the provider, by us or by the client's bank.
    """

    REQUEST = "request"
    CANCELLATION = "cancellation"
    UNDUE = "undue"
    PROVIDER = "provider"
    DISPUTE = "dispute"


class Verdict(StrEnum):
    """What became of a provider's message."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


OPEN_PAYMENTS: Final = (PaymentState.PENDING, PaymentState.REQUIRES_ACTION)
"""The states in which money may still come, and the provider is asked about it."""

OVER_THE_COUNTER: Final = (PaymentMethod.CASH, PaymentMethod.CARD_TERMINAL)
"""What is paid to people, who record it."""

CASH: Final = "cash"
"""The provider of what staff record: cash, the card terminal's slips, and M-Pesa at the counter."""

PREPAID: Final = "prepaid"
"""The provider of gift cards and packages: ourselves."""

LEGAL_REFUND_STATES: Final[dict[RefundState, frozenset[RefundState]]] = {
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
}
"""From each state of a refund, those that may follow: what has gone may come back, and is refunded anew."""

LEGAL_PAYMENT_STATES: Final[dict[PaymentState, frozenset[PaymentState]]] = {
    PaymentState.PENDING: frozenset(PaymentState),
    PaymentState.REQUIRES_ACTION: frozenset(PaymentState),
    PaymentState.FAILED: frozenset({PaymentState.SUCCEEDED, PaymentState.CANCELLED}),
    PaymentState.CANCELLED: frozenset({PaymentState.SUCCEEDED}),
}
"""From each state, those that may follow. What has come never goes back but by a refund; what was thought to have
failed may turn out to have come, or is cancelled at its provider, so that nobody pays it any more.
"""
