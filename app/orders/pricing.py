"""What is tax, and what is to be paid: whole minor units, rounded half up, once for each line."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Tax:
    """The rate, in millionths (16 % are 160,000), and whether prices have it in them already."""

    millionths: int
    inclusive: bool

    @classmethod
    def of_percent(cls, percent: Decimal, *, inclusive: bool) -> "Tax":
        """Return the tax of so many percent, which has at most four decimals."""
        return cls(int(percent * MILLION / 100), inclusive)

    def on(self, amount: int) -> int:
        """Return the tax that is part of `amount`, or comes on top of it."""
        whole = MILLION + self.millionths if self.inclusive else MILLION
        return (2 * amount * self.millionths + whole) // (2 * whole)


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order costs: `total` is always `subtotal` and `tax`."""

    subtotal: int
    tax: int

    @property
    def total(self) -> int:
        """What is to be paid."""
        return self.subtotal + self.tax


def totals_of(lines: Iterable[tuple[int, int]], *, inclusive: bool) -> Totals:
    """Return the totals of lines, each an amount and its tax: where that is included, the total is their sum."""
    amounts, taxes = _sums(list(lines))
    return Totals(amounts - taxes if inclusive else amounts, taxes)


def _sums(lines: Collection[tuple[int, int]]) -> tuple[int, int]:
    return sum(amount for amount, _ in lines), sum(tax for _, tax in lines)
