"""What many take just now."""

import math

import numpy as np
import pytest

from app.recommendations.popularity import Popularity
from tests.recommendations.shop import took


def test_sixty_days_count_and_the_latest_most() -> None:
    purchases = took((1, 39, (1,)), (1, 40, (2,)), (2, 99, (3,)), (3, 100, (4,)))
    found = Popularity.of(purchases, 100)
    assert found.items.tolist() == [2, 3]
    assert found.counts.tolist() == pytest.approx([math.exp(-2), math.exp(-1 / 30)])


def test_the_most_popular_first_and_ids_break_ties() -> None:
    three = [(client, 9, (7, 6, 5)) for client in range(3)]
    found = Popularity.of(took(*three, *[(client, 8, (6,)) for client in range(3)]), 10)
    items, shares = found.best_first()
    assert (items.tolist(), shares[0]) == ([6, 5, 7], 1)
    assert shares[1:] == pytest.approx(1 / (1 + math.exp(-1 / 30)))


@pytest.mark.parametrize(("clients", "named"), [(1, []), (2, []), (3, [8])])
def test_what_fewer_than_three_clients_take_is_not_popular(clients: int, named: list[int]) -> None:
    """However often they do; and who took it before the sixty days does not count."""
    again_and_again = [(client, day, (8,)) for client in range(clients) for day in range(90, 100)]
    found = Popularity.of(took(*again_and_again, (99, 30, (8,))), 100)
    assert found.items.tolist() == [8]
    assert found.best_first()[0].tolist() == named


def test_appeal_is_the_root_and_never_nothing() -> None:
    found = Popularity(np.array([4, 6]), np.array([3.0, 1.0]), np.array([0, 1]))
    assert found.appeal(np.array([4, 5, 6, 9])) == pytest.approx([1, 0.5, math.sqrt(0.5), 0.5])


def test_before_anything_was_bought_all_appeal_alike() -> None:
    assert Popularity.of(took(), 10).appeal(np.array([1, 2])).tolist() == [1, 1]
