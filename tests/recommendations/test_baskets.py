"""Which things were taken together."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.recommendations import baskets
from app.recommendations.baskets import FADING_DAYS, Baskets
from app.recommendations.purchases import Purchases
from tests.recommendations.shop import took

ROWS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 4), st.integers(10, 16)), max_size=80)


def counted(purchases: Purchases, day: int) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], int]]:
    """Return the weight and the clients of each pair that the blocks name."""
    made = Baskets.of(purchases, day)
    weights, clients = {}, {}
    for block in made.blocks():
        for row, column in np.argwhere(block.weights > 0):
            pair = int(made.items[block.first + row]), int(made.items[column])
            weights[pair], clients[pair] = block.weights[row, column], int(block.clients[row, column])
    return weights, clients


def plainly_counted(
    rows: list[tuple[int, int, int]], day: int
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], int]]:
    """Count the same one by one."""
    owners = {item: {client for client, _, one in rows if one == item} for _, _, item in rows}
    visits: dict[tuple[int, int], set[int]] = {}
    for client, date, item in rows:
        if len(owners[item]) >= 3:
            visits.setdefault((client, date), set()).add(item)
    weights: dict[tuple[int, int], float] = {}
    clients: dict[tuple[int, int], set[int]] = {}
    for (client, date), items in visits.items():
        for pair in product(items, items):
            weights[pair] = weights.get(pair, 0) + math.exp((date - day) / FADING_DAYS)
            clients.setdefault(pair, set()).add(client)
    return weights, {pair: len(found) for pair, found in clients.items()}


@pytest.mark.parametrize("at_once", [7, 20, 4_000_000])
def test_a_pair_is_counted_by_visits_and_by_clients(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baskets, "PAIRS_AT_ONCE", at_once)

    @settings(max_examples=60, deadline=None)
    @given(ROWS)
    def check(rows: list[tuple[int, int, int]]) -> None:
        weights, clients = counted(Purchases.of(rows), 5)
        expected_weights, expected_clients = plainly_counted(rows, 5)
        assert weights == pytest.approx(expected_weights)
        assert clients == expected_clients

    check()


def test_what_two_clients_took_is_not_looked_at() -> None:
    made = Baskets.of(took((1, 0, (5, 6)), (2, 0, (5, 6)), (3, 0, (6,))), 1)
    assert made.items.tolist() == [6]


def test_no_purchases_are_no_baskets() -> None:
    made = Baskets.of(Purchases.of([]), 1)
    assert (len(made.items), list(made.blocks())) == (0, [])
