"""What Stripe refuses, and in which words; the amounts it takes; and the cards there are for tests."""

import re
from typing import Any, Final

Thing = dict[str, Any]


CURRENCIES: Final = frozenset({"kes", "usd", "eur", "jpy", "kwd", "isk", "ugx", "mga"})
HUNDREDTHS_OF_NOTHING: Final = frozenset({"isk", "ugx"})
THOUSANDTHS: Final = frozenset({"kwd"})
SMALLEST: Final = {"usd": 50, "eur": 50}
LARGEST: Final = 99_999_999

DECLINES: Final = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline", "Your card was declined."),
    "pm_card_chargeDeclinedInsufficientFunds": (
        "card_declined",
        "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None, "Your card has expired."),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None, "Your card's security code is incorrect."),
    "pm_card_chargeDeclinedProcessingError": (
        "processing_error",
        None,
        "An error occurred while processing your card.",
    ),
}
AUTHENTICATED: Final = "pm_card_authenticationRequired"
SLOW: Final = "pm_usBankAccount_processing"
REFUND_FAILS: Final = "pm_card_refundFail"
REFUND_PENDS: Final = "pm_card_pendingRefund"
TEST_CARDS: Final = frozenset(
    {"pm_card_visa", "pm_card_mastercard", AUTHENTICATED, SLOW, REFUND_FAILS, REFUND_PENDS, *DECLINES}
)
"""https://docs.stripe.com/testing"""

_WHOLE: Final = re.compile(r"[1-9][0-9]{0,11}")


class Refused(Exception):
    """An error of Stripe's. `is_kept`: whether it is the answer to its idempotency key from now on."""

    def __init__(self, status: int, message: str, *, is_kept: bool = True, **more: Any) -> None:
        super().__init__(message)
        kind = "card_error" if status == 402 else "invalid_request_error"
        self.status, self.is_kept = status, is_kept
        self.error: Thing = {"type": kind, "message": message} | more


def unreadable(param: str, message: str, **more: Any) -> Refused:
    """Return the refusal of a parameter, which is found before anything is carried out."""
    return Refused(400, message, is_kept=False, param=param, **more)


def missing(what: str, name: Any) -> Refused:
    """Return the refusal of the name of something that is not there."""
    return Refused(404, f"No such {what}: '{name}'", is_kept=False, code="resource_missing", param="id")


def currency_in(form: Thing) -> str:
    """Return the currency; Stripe wants it small."""
    currency = form.get("currency", "")
    if currency not in CURRENCIES:
        raise unreadable("currency", f"Invalid currency: {currency}.", code="invalid_currency")
    return str(currency)


def amount_in(form: Thing, currency: str) -> int:
    """Return the amount, checked as https://docs.stripe.com/currencies says."""
    if not isinstance(form.get("amount"), str) or not _WHOLE.fullmatch(form["amount"]):
        raise unreadable("amount", "Invalid positive integer", code="parameter_invalid_integer")
    amount = int(form["amount"])
    if amount > LARGEST:
        raise unreadable("amount", "Amount must be no more than 99999999", code="amount_too_large")
    if amount < SMALLEST.get(currency, 0):
        raise unreadable("amount", "Amount must convert to at least 50 cents.", code="amount_too_small")
    if (currency in HUNDREDTHS_OF_NOTHING and amount % 100) or (currency in THOUSANDTHS and amount % 10):
        code = "invalid_charge_amount_no_decimal_compatible"
        raise unreadable("amount", "Invalid amount for this currency.", code=code)
    return amount
