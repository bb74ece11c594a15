"""Cases that share their fixtures: all run, in order, and the first that fails is named."""

import inspect

import pytest

from tests.cases import each_case


def test_every_case_runs_in_order() -> None:
    seen: list[tuple[str, int]] = []

    @each_case("letter", "ab")
    @each_case(("number",), [(1,), (2,)])
    def pairs(letter: str, number: int) -> None:
        seen.append((letter, number))

    pairs()
    assert seen == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]


def test_several_names_take_a_row_each_and_what_is_left_is_a_fixture() -> None:
    seen: list[tuple[str, int, int]] = []

    @each_case("left, right", [(1, 2), (3, 4)])
    def pairs(fixture: str, left: int, right: int) -> None:
        seen.append((fixture, left, right))

    assert list(inspect.signature(pairs).parameters) == ["fixture"]
    pairs(fixture="it")
    assert seen == [("it", 1, 2), ("it", 3, 4)]


def test_the_case_that_fails_is_named_and_the_last() -> None:
    seen: list[int] = []

    @each_case("number", [1, 2, 3])
    def small(number: int) -> None:
        seen.append(number)
        assert number < 2

    with pytest.raises(AssertionError) as failed:
        small()
    assert failed.value.__notes__ == ["In the case {'number': 2}."]
    assert seen == [1, 2]


def test_what_pytest_itself_raises_is_named_too() -> None:
    """`pytest.raises` and `pytest.fail` raise no Exception."""

    @each_case("number", [7])
    def lucky(number: int) -> None:
        with pytest.raises(ValueError):
            int(number)

    with pytest.raises(pytest.fail.Exception) as failed:
        lucky()
    assert failed.value.__notes__ == ["In the case {'number': 7}."]


@pytest.mark.parametrize("rows", [[(1,)], [(1, 2, 3)]])
def test_a_row_that_does_not_fit(rows: list[tuple[int, ...]]) -> None:
    @each_case("left, right", rows)
    def pairs(left: int, right: int) -> None:
        """Never run."""

    with pytest.raises(ValueError, match="zip"):
        pairs()


def test_a_name_that_the_test_does_not_take() -> None:
    def nothing() -> None:
        """Take nothing."""

    with pytest.raises(TypeError, match="takes no left, right"):
        each_case("left, right", [(1, 2)])(nothing)


def test_no_cases_prove_nothing() -> None:
    with pytest.raises(ValueError, match="no cases"):
        each_case("number", [])
