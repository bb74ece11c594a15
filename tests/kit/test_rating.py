"""What reviews amount to."""

import pytest

from app.kit.rating import Rating


@pytest.mark.parametrize(
    ("given", "count", "average"),
    [
        ((0, 0, 0, 0, 0), 0, None),
        ((1, 0, 0, 0, 0), 1, 1.0),
        ((0, 0, 0, 1, 2), 3, 4.67),
        ((1, 0, 0, 0, 1), 2, 3.0),
        ((10**12, 0, 0, 0, 10**12), 2 * 10**12, 3.0),
    ],
)
def test_count_and_average(given: tuple[int, ...], count: int, average: float | None) -> None:
    rating = Rating(given)
    assert (rating.count, rating.average) == (count, average)


def test_the_histogram_has_all_stars() -> None:
    assert Rating((1, 0, 0, 0, 7)).histogram == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 7}
    assert Rating().histogram == dict.fromkeys("12345", 0)
