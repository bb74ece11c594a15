"""Tax and totals: whole minor units, rounded half up once for each line."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.models import User
from app.orders.pricing import Tax, totals_of
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_product, token_for
from tests.orders.till import ORDERS, order

AMOUNTS = st.integers(0, 10**12)
RATES = st.decimals(0, 100, places=4)


@each_case(
    ("percent", "inclusive", "amount", "tax"),
    [
        ("16", True, 11_600, 1_600),
        ("16", False, 10_000, 1_600),
        ("16", True, 100, 14),  # 13.79
        ("0", True, 100, 0),
        ("0", False, 100, 0),
        ("100", True, 100, 50),
        ("100", False, 100, 100),
        ("8.875", False, 1_000, 89),  # 88.75
        ("50", False, 1, 1),  # exactly a half, up
        ("50", False, 3, 2),
        ("100", True, 1, 1),
        ("0.0001", False, 1_000_000, 1),
    ],
)
def test_tax(percent: str, inclusive: bool, amount: int, tax: int) -> None:
    assert Tax.of_percent(Decimal(percent), inclusive=inclusive).on(amount) == tax


@given(AMOUNTS, RATES, st.booleans())
def test_it_is_what_decimals_say(amount: int, rate: Decimal, inclusive: bool) -> None:
    """Half up, of the exact quotient."""
    exact = amount * rate / (100 + rate) if inclusive else amount * rate / 100
    found = Tax.of_percent(rate, inclusive=inclusive).on(amount)
    assert abs(found - exact) <= Decimal("0.5")
    assert found == exact.quantize(Decimal(1), ROUND_HALF_UP)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS).map(sorted).map(lambda pair: (pair[1], pair[0])), max_size=20))
def test_totals_add_up(lines: list[tuple[int, int]]) -> None:
    """Of prices with tax in them the total is the sum of the lines, of others the subtotal is."""
    amounts = sum(amount for amount, _ in lines)
    within, on_top = (totals_of(lines, inclusive=inclusive) for inclusive in (True, False))
    assert (within.total, on_top.subtotal) == (amounts, amounts)
    assert within.tax == on_top.tax == sum(tax for _, tax in lines)


@contextmanager
def taxed(app: Flask, percent: str, *, inclusive: bool) -> Iterator[None]:
    """Let the business take this tax."""
    usual = app.extensions["business"]
    app.extensions["business"] = replace(usual, tax_rate_percent=Decimal(percent), tax_inclusive=inclusive)
    try:
        yield
    finally:
        app.extensions["business"] = usual


@pytest.mark.parametrize(
    ("inclusive", "expected"),
    [(True, (303 + 100 - 56, 56, 403)), (False, (403, 64, 467))],
)
def test_an_order_is_taxed_line_by_line(
    app: Flask, api: Api, ada: User, inclusive: bool, expected: tuple[int, int, int]
) -> None:
    """Within: 41.79 and 13.79; on top: 48.48 and 16.00. An order keeps the rate of its day."""
    with taxed(app, "16", inclusive=inclusive):
        made = order(api, ada, (make_product(9, price_amount=101), 3), (make_product(9, price_amount=100), 1)).json
    assert tuple(made[name]["amount"] for name in ("subtotal", "tax", "total")) == expected
    assert [line["total"]["amount"] for line in made["items"]] == [303, 100]
    with taxed(app, "8", inclusive=not inclusive):
        assert api.get(f"{ORDERS}/{made['id']}", token=token_for(ada)).json == made
