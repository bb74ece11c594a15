"""What is recommended to one client, in which order, and why."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.recommendations.purchases import Purchases
from app.recommendations.ranking import rank_new, rank_with
from app.recommendations.reasons import Reason, Recommendation
from tests.recommendations.shop import (
    COLOUR,
    COMB,
    CONDITIONER,
    CUT,
    SHAMPOO,
    TODAY,
    TOWEL,
    everybody,
    joined,
    model_of,
    took,
)

NOBODY = took()


def told(found: list[Recommendation]) -> dict[int, tuple[Reason, tuple[int, ...]]]:
    return {one.item: (one.reason, one.because) for one in found}


def test_a_newcomer_gets_what_is_popular() -> None:
    found = rank_new(model_of(everybody()), NOBODY)
    assert [one.item for one in found] == [COLOUR, SHAMPOO, COMB, CUT, CONDITIONER]
    assert {(one.reason, one.because) for one in found} == {(Reason.POPULAR, ())}
    assert found[0].score == 1


def test_a_product_goes_with_products() -> None:
    found = rank_new(model_of(everybody()), took((99, 95, (CONDITIONER,))))
    assert told(found)[SHAMPOO] == (Reason.BOUGHT_TOGETHER, (CONDITIONER,))
    assert found[0].item == SHAMPOO


def test_a_product_goes_with_a_service_and_a_service_with_similar_clients() -> None:
    found = told(rank_new(model_of(everybody()), took((99, 95, (COLOUR,)))))
    assert found[SHAMPOO] == (Reason.GOES_WITH_SERVICE, (COLOUR,))
    assert found[CUT] == (Reason.SIMILAR_CLIENTS, (COLOUR,))
    assert found[COMB] == (Reason.POPULAR, ())


def test_nothing_that_the_client_had_is_new() -> None:
    found = told(rank_new(model_of(everybody()), took((99, 95, (COLOUR, SHAMPOO)), (99, 20, (COMB,)))))
    assert set(found) == {CUT, CONDITIONER}


def test_what_was_taken_lately_speaks_louder() -> None:
    history = took((99, 95, (CONDITIONER,)), (99, 1, (COLOUR,)))
    assert told(rank_new(model_of(everybody()), history))[SHAMPOO] == (Reason.BOUGHT_TOGETHER, (CONDITIONER, COLOUR))


def test_only_what_may_be_named_is_named() -> None:
    model = model_of(everybody(), (COLOUR, COMB))
    history = took((99, 95, (COLOUR,)))
    assert list(told(rank_new(model, history, among={CUT, CONDITIONER}))) == [CUT, CONDITIONER]
    assert list(told(rank_with(model, [COLOUR], history, among={CUT, CONDITIONER}))) == [CUT, CONDITIONER]
    assert rank_new(model, history, among=()) == []


def test_links_of_the_business_go_first() -> None:
    model = model_of(everybody(), (COLOUR, TOWEL), (COLOUR, COMB), (CUT, CONDITIONER))
    found = rank_new(model, took((99, 95, (COLOUR,))))
    assert [(one.item, one.curated) for one in found[:3]] == [(COMB, True), (TOWEL, True), (SHAMPOO, False)]
    assert told(found)[TOWEL] == (Reason.GOES_WITH_SERVICE, (COLOUR,))


def test_a_link_of_the_business_is_its_own_reason() -> None:
    model = model_of(everybody(), (COMB, SHAMPOO))
    history = took((99, 95, (CONDITIONER,)), (99, 50, (COMB,)))
    (first, *_) = rank_new(model, history)
    assert (first.item, first.because, first.curated) == (SHAMPOO, (COMB, CONDITIONER), True)


def test_a_basket_gets_what_goes_with_it() -> None:
    found = rank_with(model_of(everybody()), [SHAMPOO], NOBODY)
    assert SHAMPOO not in told(found)
    assert told(found)[CONDITIONER] == (Reason.BOUGHT_TOGETHER, (SHAMPOO,))


def test_a_basket_gets_what_the_client_takes_again_and_again() -> None:
    history = took(*((99, day, (TOWEL,)) for day in range(80, 99)))
    (first, *_) = rank_with(model_of(everybody()), [SHAMPOO], history)
    assert (first.item, first.reason, first.because) == (TOWEL, Reason.BOUGHT_BEFORE, (TOWEL,))


def test_habit_and_basket_add_up() -> None:
    model = model_of(everybody())
    alone = rank_with(model, [SHAMPOO], NOBODY)
    both = rank_with(model, [SHAMPOO], took((99, TODAY - 1, (CONDITIONER,))))
    score = {one.item: one.score for one in alone}[CONDITIONER]
    assert {one.item: one.score for one in both}[CONDITIONER] == pytest.approx(score + 0.1 * np.exp(-1 / 180), abs=2e-6)


def test_what_comes_later_is_not_known() -> None:
    later = took(*((client, TODAY, (TOWEL, COMB)) for client in range(20)))
    before, after = model_of(everybody()), model_of(joined(everybody(), later))
    history = took((99, 95, (COMB,)))
    assert rank_new(after, joined(history, took((99, TODAY, (SHAMPOO,))))) == rank_new(before, history)


def test_there_is_a_limit() -> None:
    assert len(rank_new(model_of(everybody()), NOBODY, limit=2)) == 2
    assert rank_new(model_of(everybody()), NOBODY, limit=0) == []


ROWS = st.lists(st.tuples(st.integers(1, 9), st.integers(80, 110), st.integers(1, 14)), max_size=150)


@settings(max_examples=150, deadline=None)
@given(
    rows=ROWS,
    links=st.sets(st.tuples(st.integers(1, 14), st.integers(1, 14)), max_size=4),
    among=st.sets(st.integers(1, 14)),
    basket=st.sets(st.integers(1, 14)),
)
def test_whatever_was_bought_the_answers_keep_their_word(
    rows: list[tuple[int, int, int]], links: set[tuple[int, int]], among: set[int], basket: set[int]
) -> None:
    purchases = Purchases.of(rows)
    model = model_of(purchases, *links)
    history = purchases.where(purchases.clients == 1)
    had = set(history.before(TODAY).items.tolist())
    new, company = rank_new(model, history, among=among), rank_with(model, basket, history, among=among)
    for found, not_wanted in ((new, had), (company, basket)):
        named = [one.item for one in found]
        assert len(named) == len(set(named)) <= 10
        assert set(named) <= among - not_wanted
        assert all(bool(one.because) != (one.reason is Reason.POPULAR) for one in found)
        assert [one.curated for one in found] == sorted((one.curated for one in found), reverse=True)
    assert all(set(one.because) <= had for one in new)
    assert all(set(one.because) <= basket | had for one in company)


def test_the_order_of_rows_does_not_matter() -> None:
    drawn = np.random.default_rng(3)
    rows = [tuple(row) for row in drawn.integers([0, 50, 1], [30, 100, 40], size=(2_000, 3)).tolist()]
    history = took((0, 95, (3, 5, 7)))
    forwards, backwards = (rank_new(model_of(Purchases.of(order)), history) for order in (rows, rows[::-1]))
    assert forwards == backwards
