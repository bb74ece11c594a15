"""Money: whole minor units of one currency. No floats anywhere."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

LARGEST_AMOUNT = 10**15
"""Upper bound of one amount in minor units; sums of thousands of them still fit 64 bits."""

MILLIONTHS_OF_PERCENT = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents; for JPY, yen) and its ISO 4217 code."""

    amount: int
    currency: str


def percent_of(amount: int, percent: int | Decimal) -> int:
    """Return `percent` % of `amount`, rounded once, half up, in minor units."""
    return int((Decimal(amount) * Decimal(percent) / 100).quantize(Decimal(1), ROUND_HALF_UP))


def in_percent(millionths: int) -> str:
    """Return a rate of so many millionths in percent, without needless zeros: `16`, `7.7`."""
    return f"{(Decimal(millionths) / MILLIONTHS_OF_PERCENT).normalize():f}"
