"""In which unit Stripe counts a currency: https://docs.stripe.com/currencies, read in November 2026.

It counts as ISO 4217 does, yen as yen and the dinars in thousandths, but for three: krónur and Uganda's shillings go
in hundredths that must be nought, and ariary whole.
"""

from typing import Final

HUNDREDTHS: Final = frozenset({"ISK", "UGX"})
WHOLE: Final = frozenset({"MGA"})
_HUNDRED: Final = 100


class NotWhole(ValueError):
    """An amount that Stripe has no number for."""


def to_stripe(amount: int, currency: str) -> int:
    """Return minor units of ISO 4217 as Stripe counts them. Raises `NotWhole`."""
    if currency in HUNDREDTHS:
        return amount * _HUNDRED
    if currency not in WHOLE:
        return amount
    if amount % _HUNDRED:
        raise NotWhole(f"{currency} is paid in whole units.")
    return amount // _HUNDRED


def from_stripe(amount: int, currency: str) -> int:
    """Return what Stripe counted in minor units of ISO 4217."""
    if currency in HUNDREDTHS:
        return amount // _HUNDRED
    return amount * _HUNDRED if currency in WHOLE else amount
