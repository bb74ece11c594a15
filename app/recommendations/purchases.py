"""Who took what on which day, as columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Purchases:
    """Three columns of one length, a row for each thing that a client took on a day; in any order.

    Items are numbers that their owner chose, services and products in one space of numbers. Days are counted from
    anywhere, such as `date.toordinal()`.
    """

    clients: Ints
    days: Ints
    items: Ints

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, int]]) -> Self:
        """Make them from rows of client, day and item."""
        columns = np.array(list(rows), dtype=np.int64).reshape(-1, 3).T
        return cls(*(np.ascontiguousarray(column) for column in columns))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of all parts."""
        columns = ([getattr(part, name) for part in parts] for name in cls.__slots__)
        return cls(*(np.concatenate([np.empty(0, np.int64), *column]) for column in columns))

    def __len__(self) -> int:
        return len(self.items)

    def before(self, day: int) -> Self:
        """Return those of earlier days."""
        return self.where(self.days < day)

    def where(self, chosen: Flags) -> Self:
        """Return the rows for which `chosen` is true."""
        return type(self)(self.clients[chosen], self.days[chosen], self.items[chosen])

    def by_client(self) -> dict[int, Self]:
        """Return each client's own."""
        order = np.argsort(self.clients, kind="stable")
        clients, starts = np.unique(self.clients[order], return_index=True)
        parts = np.split(order, starts[1:]) if len(clients) else []
        return {int(client): self._at(rows) for client, rows in zip(clients, parts, strict=True)}

    def by_item(self) -> tuple[Ints, Ints, Ints]:
        """Return the items, ascending; the place of each row's item among them; and how many clients took each."""
        items, code = np.unique(self.items, return_inverse=True)
        client = np.unique(self.clients, return_inverse=True)[1]
        took = distinct(client * len(items) + code) % max(len(items), 1)
        return items, code, np.bincount(took, minlength=len(items))

    def in_order_of_clients(self) -> Self:
        """Return the same rows, each client's together."""
        return self._at(np.argsort(self.clients, kind="stable"))

    def each_client(self) -> Iterator[tuple[int, Self]]:
        """Yield each client and its own rows, which must stand together; nothing is copied."""
        ends = np.append(np.flatnonzero(np.diff(self.clients)) + 1, len(self))
        begin = 0
        for end in ends.tolist() if len(self) else ():
            rows = slice(begin, end)
            yield int(self.clients[begin]), type(self)(self.clients[rows], self.days[rows], self.items[rows])
            begin = end

    def _at(self, rows: Ints) -> Self:
        return type(self)(self.clients[rows], self.days[rows], self.items[rows])


def distinct(values: Ints) -> Ints:
    """Return each value once, ascending; `np.unique` hashes, and is a hundred times slower on millions."""
    values = np.sort(values)
    return values[np.diff(values, prepend=-1) > 0]


def totals(code: Ints, weights: Floats, count: int) -> Floats:
    """Return for each code from 0 up to `count` the sum of its weights."""
    return np.bincount(code, weights=weights, minlength=count).astype(np.float64, copy=False)
