"""A sale that everybody has waited for: many callers, each with three random lines of ten hot products.

`STORM_CALLERS=200 STORM_UNITS=1000 STORM_ROUNDS=10 pytest -s -p no:xdist tests/races/test_storm.py` is the whole storm:
2,000 orders want about 33,000 of 10,000 units. `pytest -s` shows the answers and the p99.
"""

import os
from random import Random

import pytest

from tests.factories import make_product
from tests.races.callers import Arena, Call, Caller, outcomes
from tests.races.shop import promised, shelf, wants, wrong_books
from tests.servers import Answer

PRODUCTS = 10
LINES = 3
MOST = 10
"""Units that one line asks for, at most."""

STORM_CALLERS = int(os.environ.get("STORM_CALLERS", "40"))
UNITS = int(os.environ.get("STORM_UNITS", "60"))
STORM_ROUNDS = int(os.environ.get("STORM_ROUNDS", "2"))
CONTROL_UNITS = 10


class Storm:
    """Ten hot products, and who wants them."""

    def __init__(self, callers: list[Caller], units: int) -> None:
        self.callers, self.units, self.random = callers, units, Random(1)  # noqa: S311  # the same storm again
        self.products = [make_product(units).id for _ in range(PRODUCTS)]

    def breaks(self, _nth: int) -> list[Call]:
        """Return what everybody wants at once."""
        return [wants(caller, self._basket()) for caller in self.callers]

    def _basket(self) -> dict[int, int]:
        chosen = self.random.sample(self.products, LINES)
        return {product: self.random.randint(1, MOST) for product in chosen}

    def oversold(self) -> list[int]:
        """Return the products of which more is sold than there was."""
        return [product for product, units in promised(self.products).items() if units > self.units]


@pytest.mark.race
def test_sold_and_left_are_what_there_was(guarded: Arena) -> None:
    """ST-02: of each product, after each round; no 5xx, and the books say the same."""
    storm = Storm([Caller.signed_in() for _ in range(STORM_CALLERS)], UNITS)
    rounds = list[list[Answer]]()
    for answers in guarded.rounds("storm", storm.breaks, least=STORM_ROUNDS):
        rounds.append(answers)
        assert set(outcomes(answers)) <= {(201, ""), (409, "out_of_stock")}
        sold, left = promised(storm.products), shelf(storm.products)
        assert {one: sold.get(one, 0) + left[one][0] - left[one][1] for one in storm.products} == dict.fromkeys(
            storm.products, UNITS
        )
        assert wrong_books(storm.products) == []
    assert {status for answers in rounds for status, _ in outcomes(answers)} == {201, 409}


@pytest.mark.race
def test_without_the_condition_the_storm_oversells(unguarded: Arena) -> None:
    """The control: each looks how much there is, lets go, and writes how much is left."""
    storm = Storm(unguarded.clients, CONTROL_UNITS)
    assert unguarded.catches("stock", storm.breaks, lambda _: storm.oversold())
