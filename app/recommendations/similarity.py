"""How strongly one thing speaks for another: EASE, and the cosine where there are too many things for it.

EASE (H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, https://arxiv.org/abs/1905.03375) asks
for the weights B with which the things of a visit foretell each thing of the same visit best, none foretelling itself:

    minimise  |X - XB|² + penalty |B|²   with diag(B) = 0,   X: a row for each visit, 1 where the thing was taken

With G = XᵀX, which things were taken together how often, and P = (G + penalty I)⁻¹, the answer has a closed form:

    B[i, j] = -P[i, j] / P[j, j]   for i ≠ j

Unlike a plain count of pairs it sees through what is bought with everything, and through what only seems to belong
together because both go with a third. It inverts a matrix, so its cost grows with the cube of the number of things.

The cosine, G[i, j] / (√(G[i, i] G[j, j]) + 1), grows with the number of pairs alone. The 1 is a visit that never was:
it keeps two things that were each taken once, together, from looking inseparable.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from app.recommendations.baskets import Baskets
from app.recommendations.inverse import invert
from app.recommendations.purchases import Flags, Floats, Ints, totals
from app.recommendations.reasons import CLIENTS_NEEDED

PENALTY = 100
"""How many visits' worth of doubt EASE starts with, for each thing."""
MOST_FOR_EASE = 5_000
"""Things, above which the cosine serves: EASE would take more than a minute or a gigabyte."""
NEIGHBOURS = 50
"""How many things at most may speak for one."""
ROWS_AT_ONCE = 500
DIGITS = 6
"""Of a weight; what is behind them may differ with the number of processors."""

Rows = tuple[int, Floats, Flags]
"""From which thing on; a row for each thing, with what each other one says for it; and whether enough clients do."""


@dataclass(frozen=True, slots=True)
class Links:
    """A row for each pair: a client who has `sources[n]` is told `targets[n]`, and `weights[n]` says how strongly."""

    sources: Ints  # ascending
    targets: Ints
    weights: Floats  # above 0

    @classmethod
    def learn(cls, baskets: Baskets) -> Self:
        """Find for each thing the (at most fifty) others that speak for it most."""
        count = len(baskets.items)
        found = [_strongest(*rows) for rows in (_ease(baskets) if count <= MOST_FOR_EASE else _cosine(baskets))]
        columns = [np.concatenate(parts) for parts in zip(*found, strict=True)] if found else [np.empty(0)] * 3
        targets, sources, weights = columns
        order = np.lexsort((targets, sources))
        sources, targets = (baskets.items[column[order].astype(np.int64)] for column in (sources, targets))
        return cls(sources, targets, weights[order])

    def __len__(self) -> int:
        return len(self.sources)

    def of(self, sources: Ints) -> tuple[Ints, Ints]:
        """Return the rows of each source, all in one array, and for each row which of `sources` it is of."""
        begins = np.searchsorted(self.sources, sources, side="left")
        lengths = np.searchsorted(self.sources, sources, side="right") - begins
        whose = np.repeat(np.arange(len(sources)), lengths)
        return np.arange(len(whose)) + np.repeat(begins - (np.cumsum(lengths) - lengths), lengths), whose


def _ease(baskets: Baskets) -> Iterator[Rows]:
    """Yield Bᵀ: the row of a thing has what the others say for it."""
    count = len(baskets.items)
    gram, known = np.empty((count, count), np.float32), np.empty((count, count), np.bool_)
    for block in baskets.blocks():
        rows = slice(block.first, block.first + len(block.weights))
        gram[rows], known[rows] = block.weights, block.clients >= CLIENTS_NEEDED
    gram[np.diag_indices(count)] += PENALTY
    invert(gram)
    gram /= -np.diag(gram).copy()[:, np.newaxis]
    for first in range(0, count, ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        yield first, gram[rows], known[rows]


def _cosine(baskets: Baskets) -> Iterator[Rows]:
    size = np.sqrt(totals(baskets.code, baskets.weights[baskets.visit], len(baskets.items)))
    for block in baskets.blocks():
        own = size[block.first : block.first + len(block.weights), np.newaxis]
        yield block.first, block.weights / (own * size + 1), block.clients >= CLIENTS_NEEDED


def _strongest(first: int, weights: Floats, known: Flags) -> tuple[Ints, Ints, Floats]:
    """Return of each row the largest weights above 0: the places of targets and sources, and the weights."""
    weights = np.where(known, weights, 0)
    rows = np.arange(len(weights))
    weights[rows, first + rows] = 0
    kept = min(NEIGHBOURS, weights.shape[1])
    sources = np.argpartition(weights, -kept, axis=1)[:, -kept:]
    best = np.take_along_axis(weights, sources, axis=1).astype(np.float64).round(DIGITS)
    row, place = np.nonzero(best > 0)
    return first + row, sources[row, place], best[row, place]
