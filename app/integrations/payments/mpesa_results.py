"""What M-Pesa's result codes mean to the person who pays. They come as text or as a number; some are no numbers.

From the documents of M-Pesa Express (https://developer.safaricom.co.ke/apis), but for 4999, 26, 1001 and 9999, which
the real one says and they do not. The code counts; its words differ from day to day. A code that is missing here is no
failure: nobody promised that the list is whole, and 4999 means the opposite.
"""

from __future__ import annotations

from typing import Final

from app.integrations.payments.provider import Failure

PROCESSED: Final = "0"
UNDER_WAY: Final = frozenset({"4999", "500.001.1001", "500.001.001", ""})
"""Nothing is decided yet. The errors also mean a push that Daraja does not know, or not yet."""

_NO_MONEY: Final = Failure("insufficient_funds", "There is too little money in the M-PESA account. Top up, try again.")
_LIMIT: Final = Failure("limit_exceeded", "M-PESA's limits do not allow this amount now. Pay less, or in another way.")
_NOT_SENT: Final = Failure("not_delivered", "M-PESA could not send its request to the phone. Try again.")
_WRONGLY_SET: Final = Failure(
    "provider_refused", "The business's M-PESA number takes no such payment. Pay in another way, or ask the business."
)
_BUSY: Final = Failure("provider_busy", "M-PESA is busy. Wait two minutes, and try again.")

_FAILURES: Final = {
    "1": _NO_MONEY,
    "2": _LIMIT,
    "3": _LIMIT,
    "4": _LIMIT,
    "8": Failure("limit_exceeded", "The business's M-PESA account is full. Pay in another way, or ask the business."),
    "17": _BUSY,
    "26": _BUSY,
    "1001": Failure("phone_busy", "Another M-PESA request is open on this phone. Finish it, wait a minute, try again."),
    "1019": Failure("expired", "M-PESA's request ended before it was answered. Try again."),
    "1025": _NOT_SENT,
    "1032": Failure("cancelled_by_payer", "The request was dismissed on the phone. Nothing was paid."),
    "1037": Failure("phone_unreachable", "The phone did not answer M-PESA. Switch it on, unlock it, and try again."),
    "2001": Failure("wrong_pin", "The M-PESA PIN was wrong. Try again."),
    "2028": _WRONGLY_SET,
    "8006": Failure("account_locked", "This M-PESA account is locked. Call Safaricom at 100, or pay in another way."),
    "9999": _NOT_SENT,
    "SFC_J_C0003": _WRONGLY_SET,
}


def failure_of(code: str) -> Failure | None:
    """Return why a payment with this result failed; None for a code that says no such thing."""
    return _FAILURES.get(code)
