"""Which services a client is due for."""

from datetime import date, timedelta

import pytest

from app.recommendations.rhythm import Due, due, expected_gap, population_gaps

CUT, COLOUR = 1, 2
FIRST = date(2026, 1, 1)


def days(*numbers: int) -> list[date]:
    return [FIRST + timedelta(number) for number in numbers]


@pytest.mark.parametrize(
    ("own", "population", "gap"),
    [
        ([], None, None),
        ([], 30.0, 30.0),
        ([20], None, 20.0),
        ([20], 35.0, (1 * 20 + 2 * 35) / 3),
        ([10, 20, 60], 40.0, (3 * 20 + 2 * 40) / 5),
        ([10, 20], 15.0, 15.0),
    ],
)
def test_the_expected_gap_is_shrunk_towards_everybodys(
    own: list[int], population: float | None, gap: float | None
) -> None:
    assert expected_gap(own, population) == gap


def test_everybodys_gap_is_the_median_of_all_gaps() -> None:
    clients = [{CUT: days(0, 10, 30)}, {CUT: days(0, 40)}, {CUT: days(70, 0)}, {CUT: days(5)}]
    assert population_gaps(clients) == {CUT: 30.0}  # of 10, 20, 40, 70


def test_two_clients_are_not_everybody() -> None:
    assert population_gaps([{CUT: days(0, 10)}, {CUT: days(0, 20, 40)}, {CUT: days(3)}]) == {}


def test_two_visits_on_one_day_are_one() -> None:
    assert population_gaps([{CUT: days(0, 0, 10)}] * 3) == {CUT: 10.0}


def test_due_on_the_day_itself() -> None:
    visits = days(0, 40)
    assert due({CUT: visits}, {CUT: 40.0}, FIRST + timedelta(80)) == [
        Due(CUT, due_on=FIRST + timedelta(80), usual_interval_days=40, score=1.0, because=tuple(visits))
    ]


@pytest.mark.parametrize(("day", "is_due"), [(69, False), (70, True), (90, True), (91, False)])
def test_due_from_three_to_five_quarters_of_the_gap(*, day: int, is_due: bool) -> None:
    found = due({CUT: days(0, 40)}, {CUT: 40.0}, FIRST + timedelta(day))
    assert [one.score for one in found] == [0.75] * is_due


def test_who_came_once_is_not_due() -> None:
    assert due({CUT: days(0)}, {CUT: 40.0}, FIRST + timedelta(40)) == []


def test_who_has_booked_already_is_not_due() -> None:
    assert due({CUT: days(0, 40, 85)}, {CUT: 40.0}, FIRST + timedelta(80)) == []


def test_the_nearest_to_its_day_comes_first() -> None:
    history = {CUT: days(0, 40), COLOUR: days(0, 44)}
    assert [one.service for one in due(history, {}, FIRST + timedelta(86))] == [COLOUR, CUT]


def test_the_order_of_visits_does_not_matter() -> None:
    today = FIRST + timedelta(75)
    assert due({CUT: days(40, 0, 20)}, {CUT: 30.0}, today) == due({CUT: days(0, 20, 40)}, {CUT: 30.0}, today)
