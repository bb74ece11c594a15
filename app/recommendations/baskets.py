"""Which things were taken together: counts over visits, made a block of items at a time so that memory stays small."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from app.recommendations.purchases import Floats, Ints, Purchases, distinct, totals
from app.recommendations.reasons import CLIENTS_NEEDED

PAIRS_AT_ONCE = 4_000_000
"""How many pairs, or cells of counts, are held in memory: about 200 MB."""
FADING_DAYS = 180
"""A visit counts e times less for every so many days of its age: what goes together changes with the seasons."""


@dataclass(frozen=True, slots=True)
class Block:
    """Counts of pairs: a row for each of the items from `first` on, a column for each item."""

    first: int
    weights: Floats  # visits on which both were taken, faded by age; in row and column of one item: all its visits
    clients: Ints  # different clients who took both on one visit


@dataclass(frozen=True, slots=True)
class Baskets:
    """Visits (a client's day) and what was taken on them, each thing once; only things that enough clients took."""

    items: Ints  # which they are, ascending; below, things are named by their place in this
    code: Ints  # the thing of each row; rows stand in order of visits
    visit: Ints  # the visit of each row
    clients: Ints  # the client of each visit
    weights: Floats  # what each visit counts

    @classmethod
    def of(cls, purchases: Purchases, day: int) -> Self:
        """Sort purchases into visits, which fade until `day`."""
        purchases = _wanted(purchases)
        items, code = np.unique(purchases.items, return_inverse=True)
        client = np.unique(purchases.clients, return_inverse=True)[1]
        dates, date = np.unique(purchases.days, return_inverse=True)
        rows = distinct((client * len(dates) + date) * len(items) + code)
        visits, code = np.divmod(rows, max(len(items), 1))
        visited, visit = np.unique(visits, return_inverse=True)
        client, date = np.divmod(visited, max(len(dates), 1))
        return cls(items, code, visit, client, np.exp((dates[date] - day) / FADING_DAYS))

    def blocks(self) -> Iterator[Block]:
        """Count all pairs, some items after the other."""
        lengths = np.bincount(self.visit, minlength=len(self.clients))
        order = np.argsort(self.code, kind="stable")
        pairs = np.cumsum(lengths[self.visit[order]])  # up to each row in that order
        last_of = np.cumsum(np.bincount(self.code, minlength=len(self.items)))  # where each thing's rows end
        first = 0
        while first < len(self.items):
            begin = last_of[first - 1] if first else 0
            done = pairs[begin - 1] if begin else 0
            fitting = int(np.searchsorted(pairs[last_of - 1], done + PAIRS_AT_ONCE, side="right"))
            end = max(first + 1, min(fitting, first + PAIRS_AT_ONCE // len(self.items)))
            yield self._count(first, end, order[begin : last_of[end - 1]], lengths)
            first = end

    def _count(self, first: int, end: int, rows: Ints, lengths: Ints) -> Block:
        """Pair each of `rows` with all rows of its visit, and count the pairs."""
        visits = self.visit[rows]
        many = lengths[visits]
        starts = (np.cumsum(lengths) - lengths)[visits]
        others = np.arange(many.sum()) + np.repeat(starts - (np.cumsum(many) - many), many)
        pair = np.repeat((self.code[rows] - first) * len(self.items), many) + self.code[others]
        visit = np.repeat(visits, many)
        shape = (end - first, len(self.items))
        cells = shape[0] * shape[1]
        weights = totals(pair, self.weights[visit], cells)
        people = int(self.clients.max()) + 1
        seen = distinct(pair * people + self.clients[visit]) // people
        return Block(first, weights.reshape(shape), np.bincount(seen, minlength=cells).reshape(shape))


def _wanted(purchases: Purchases) -> Purchases:
    """Leave out things that too few clients took for a pair to be known."""
    _, code, clients = purchases.by_item()
    return purchases.where((clients >= CLIENTS_NEEDED)[code])
