"""What many take just now."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from app.recommendations.purchases import Floats, Ints, Purchases, totals
from app.recommendations.reasons import CLIENTS_NEEDED

WINDOW_DAYS = 60
"""What is older does not count."""
FADING_DAYS = 30
"""A purchase counts e times less for every so many days of its age."""


@dataclass(frozen=True, slots=True)
class Popularity:
    """A row for each thing of late."""

    items: Ints  # ascending
    counts: Floats  # its purchases, faded by age
    order: Ints  # the rows of what enough clients took, with the most popular first; ids break ties

    @classmethod
    def of(cls, purchases: Purchases, day: int) -> Self:
        """Count what was taken in the sixty days before `day`."""
        late = purchases.where((purchases.days < day) & (purchases.days >= day - WINDOW_DAYS))
        items, code, clients = late.by_item()
        counts = totals(code, np.exp((late.days - day) / FADING_DAYS), len(items))
        order = np.lexsort((items, -counts.round(9)))
        return cls(items, counts, order[(clients >= CLIENTS_NEEDED)[order]])

    def best_first(self) -> tuple[Ints, Floats]:
        """Return what enough clients took, and its share of the most popular of that, which stands first."""
        counts = self.counts[self.order]
        return self.items[self.order], counts / counts.max(initial=1e-9)

    def appeal(self, items: Ints) -> Floats:
        """Return a factor from 0 to 1 for each thing: the root of its count beside that of the most popular one.

        One purchase more than there were is counted for each, so that what nobody took of late is not lost.
        """
        if not len(self.items):
            return np.ones(len(items))
        place = np.minimum(np.searchsorted(self.items, items), len(self.items) - 1)
        counts = np.where(self.items[place] == items, self.counts[place], 0)
        factors: Floats = np.sqrt((counts + 1) / (self.counts.max() + 1))
        return factors
