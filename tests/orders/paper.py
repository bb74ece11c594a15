"""The shop as somebody with a pencil would keep it: shelves, what is promised, and a line for every movement.

It knows product.md §6 and nothing of the application. Time is whole minutes. An order is known by its id alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

KEPT_MINUTES = 30
RANK = ("unfulfilled", "ready", "fulfilled")

Basket = Mapping[int, int]
Line = tuple[str, int, int, int, int, int]
"""Kind, change on the shelf, change of what is promised, both after it, and what was missing."""


@dataclass(eq=False)
class Entry:
    """An order, as far as paper knows it: two of the same basket and minute are two."""

    basket: Basket
    total: int
    status: str = "open"
    come: str = "unfulfilled"
    paid: int = 0
    placed: int = 0
    until: int | None = None
    returned: dict[int, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class Paper:
    """Everything, at this minute. A method does what is asked, or says why not, and then nothing has changed."""

    prices: Mapping[int, int]
    now: int = 0
    shelf: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    ledger: dict[int, list[Line]] = field(default_factory=lambda: defaultdict(list))
    orders: dict[int, Entry] = field(default_factory=dict)

    def available(self, product: int) -> int:
        """Return what nobody was promised."""
        on_hand, reserved = self.shelf[product]
        return on_hand - reserved

    def status(self, entry: Entry) -> str:
        """Return the status that a reader sees."""
        return "expired" if entry.status == "open" and self._is_overdue(entry) else entry.status

    def why_not_taken(self, basket: Basket) -> str | None:
        """Say why a basket cannot be had, if it cannot: overdue orders that keep some of it count as gone."""
        if all(self.available(one) >= units for one, units in basket.items()):
            return None
        freed: dict[int, int] = defaultdict(int)
        for entry in self._in_the_way(basket):
            for one, units in entry.basket.items():
                freed[one] += units
        enough = all(self.available(one) + freed[one] >= units for one, units in basket.items())
        return None if enough else "out_of_stock"

    def place(self, order: int, basket: Basket) -> None:
        """Promise a basket, which can be had, to a new order."""
        self._make_room(basket)
        for one, units in basket.items():
            self._move(one, "reservation", 0, units)
        self.orders[order] = Entry(basket, self._total(basket), placed=self.now, until=self.now + KEPT_MINUTES)

    def sell(self, order: int, basket: Basket) -> None:
        """Hand a basket, which can be had, over the counter."""
        self._make_room(basket)
        for one, units in basket.items():
            self._move(one, "sale", -units, 0)
        total = self._total(basket)
        self.orders[order] = Entry(basket, total, status="completed", come="fulfilled", paid=total)

    def cancel(self, order: int) -> str | None:
        """Cancel, or say why not."""
        entry = self.orders[order]
        if entry.status == "cancelled":
            return None
        if self.status(entry) != "open" or entry.come == "fulfilled":
            return "invalid_transition"
        self._give_up(entry, "cancelled")
        return None

    def fulfil(self, order: int, come: str) -> str | None:
        """Note how far an order has come, or say why not."""
        entry = self.orders[order]
        if self.status(entry) != "open" or RANK.index(come) <= RANK.index(entry.come):
            return "invalid_transition"
        entry.come, entry.until = come, None
        if come == "fulfilled":
            for one, units in entry.basket.items():
                self._move(one, "sale", -units, -units)
        self._complete(entry)
        return None

    def pay(self, order: int, amount: int) -> str:
        """Note money, or that it must go back."""
        entry = self.orders[order]
        left = entry.total - entry.paid - amount
        if entry.status != "open" or left < 0 or (left and self._is_overdue(entry)):
            return "refund_due"
        entry.paid += amount
        if left:
            self._wait_for_the_rest(entry)
            return "recorded"
        entry.until = None
        self._complete(entry)
        return "paid"

    def take_back(self, order: int, product: int, units: int) -> str | None:
        """Put goods on the shelf again, or say why not."""
        entry = self.orders[order]
        if entry.come != "fulfilled":
            return "invalid_transition"
        if not 0 < units <= entry.basket.get(product, 0) - entry.returned[product]:
            return "validation_failed"
        entry.returned[product] += units
        self._move(product, "return", units, 0)
        return None

    def adjust(self, product: int, delta: int) -> str | None:
        """Correct what is on the shelf, or say why not."""
        on_hand, reserved = self.shelf[product]
        if on_hand + delta < 0:
            return "out_of_stock"
        if on_hand + delta < reserved:
            return "stock_reserved"
        if delta:
            self._move(product, "correction", delta, 0)
        return None

    def consume(self, product: int, units: int) -> int:
        """Use units up as far as nobody was promised them, and return what is missing."""
        used = min(units, self.available(product))
        self._move(product, "consumption", -used, 0, units - used)
        return units - used

    def sweep(self) -> None:
        """Write down what is overdue."""
        for order in sorted(self.orders):
            if self.status(self.orders[order]) == "expired" != self.orders[order].status:
                self._give_up(self.orders[order], "expired")

    def _is_overdue(self, entry: Entry) -> bool:
        return entry.until is not None and entry.until <= self.now

    def _wait_for_the_rest(self, entry: Entry) -> None:
        """Give an order as much time again from now on, but never more than twice as much in all."""
        if entry.until is not None:
            entry.until = max(entry.until, min(self.now, entry.placed + KEPT_MINUTES) + KEPT_MINUTES)

    def _in_the_way(self, basket: Basket) -> list[Entry]:
        """Return the overdue orders that keep some of it, the one that ended first, first."""
        overdue = [
            entry for _, entry in sorted(self.orders.items()) if entry.status == "open" and self._is_overdue(entry)
        ]
        keeping = [entry for entry in overdue if entry.basket.keys() & basket.keys()]
        return sorted(keeping, key=lambda entry: entry.until or 0)

    def _make_room(self, basket: Basket) -> None:
        """Let as few of them go as give back what is missing, the first ones; they go in the order of their ids."""
        missing = {one: units - self.available(one) for one, units in basket.items() if units > self.available(one)}
        going = []
        for entry in self._in_the_way(missing):
            if any(missing[one] > 0 for one in entry.basket.keys() & missing.keys()):
                going.append(entry)
            for one in entry.basket.keys() & missing.keys():
                missing[one] -= entry.basket[one]
        for entry in [one for one in self.orders.values() if one in going]:
            self._give_up(entry, "expired")

    def _give_up(self, entry: Entry, status: str) -> None:
        entry.status, entry.until = status, None
        for one, units in entry.basket.items():
            self._move(one, "release", 0, -units)

    def _complete(self, entry: Entry) -> None:
        if entry.come == "fulfilled" and entry.paid == entry.total:
            entry.status = "completed"

    def _total(self, basket: Basket) -> int:
        return sum(self.prices[one] * units for one, units in basket.items())

    def _move(self, product: int, kind: str, on_hand: int, reserved: int, missing: int = 0) -> None:
        shelf = self.shelf[product]
        shelf[0] += on_hand
        shelf[1] += reserved
        self.ledger[product].append((kind, on_hand, reserved, shelf[0], shelf[1], missing))
