from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import LARGEST_AMOUNT, Money, percent_of
from tests.cases import each_case


@each_case(
    ("amount", "percent", "share"),
    [
        (1000, 20, 200),
        (0, 50, 0),
        (999, 0, 0),
        (999, 100, 999),
        (1, 50, 1),
        (3, 50, 2),
        (1, 49, 0),
        (10, 25, 3),
        (1250, Decimal("7.5"), 94),
        (-1, 50, -1),
    ],
)
def test_a_share_is_rounded_half_up_once(amount: int, percent: int | Decimal, share: int) -> None:
    assert percent_of(amount, percent) == share


@given(st.integers(0, LARGEST_AMOUNT), st.integers(0, 100))
def test_a_share_is_never_more_than_half_a_unit_off(amount: int, percent: int) -> None:
    assert abs(percent_of(amount, percent) * 100 - amount * percent) <= 50


@given(st.integers(0, LARGEST_AMOUNT), st.integers(0, 100))
def test_a_share_and_the_rest_are_the_whole_or_one_unit_more(amount: int, percent: int) -> None:
    assert percent_of(amount, percent) + percent_of(amount, 100 - percent) - amount in {0, 1}


def test_money_is_a_value() -> None:
    assert Money(4500, "KES") == Money(4500, "KES") != Money(4500, "JPY")
    assert len({Money(1, "KES"), Money(1, "KES")}) == 1
