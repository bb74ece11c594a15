"""Which day is meant. Today is Wednesday, 4 March 2026."""

from datetime import UTC, datetime

import pytest

from app.voice.understanding import Limit, Problem
from tests.cases import each_case
from tests.voice.understanding.said import day, heard

DAYS = {
    "today": "2026-03-04",
    "this evening at 9 pm": "2026-03-04",
    "this afternoon 3": "2026-03-04",
    "tomorrow": "2026-03-05",
    "the day after tomorrow": "2026-03-06",
    "friday": "2026-03-06",
    "this friday": "2026-03-06",
    "the coming friday": "2026-03-06",
    "next friday": "2026-03-13",
    "wednesday": "2026-03-11",
    "next wednesday": "2026-03-11",
    "friday next week": "2026-03-13",
    "next week on tuesday": "2026-03-10",
    "sunday this week": "2026-03-08",
    "friday week": "2026-03-13",
    "a week from monday": "2026-03-16",
    "two mondays from now": "2026-03-16",
    "the monday after next": "2026-03-16",
    "in three days": "2026-03-07",
    "3 days from tomorrow": "2026-03-08",
    "a fortnight from now": "2026-03-18",
    "in a couple of weeks": "2026-03-18",
    "in one month": "2026-04-04",
    "a week today": "2026-03-11",
    "the 4th": "2026-03-04",
    "the 3rd": "2026-04-03",
    "on the twenty-second": "2026-03-22",
    "on the 31st of this month": "2026-03-31",
    "the 2nd of next month": "2026-04-02",
    "may 5": "2026-05-05",
    "5 may 2027": "2027-05-05",
    "the 5th day of may": "2026-05-05",
    "march 3rd": "2027-03-03",
    "feb 29": "2028-02-29",
    "friday the 13th": "2026-03-13",
    "tuesday 17": "2026-03-17",
    "2026-12-24": "2026-12-24",
    "24.12.2026": "2026-12-24",
    "the first monday of april": "2026-04-06",
    "the last friday of next month": "2026-04-24",
    "christmas eve": "2026-12-24",
    "easter": "2026-04-05",
    "two days after easter": "2026-04-07",
    "this weekend": "2026-03-07..2026-03-08",
    "next week": "2026-03-09..2026-03-15",
    "next month": "2026-04-01..2026-04-30",
    "in june": "2026-06-01..2026-06-30",
    "the beginning of next week": "2026-03-09..2026-03-11",
    "the week of may 5": "2026-05-04..2026-05-10",
    "the last day of the month": "2026-03-31",
    "friday to sunday": "2026-03-06..2026-03-08",
    "from monday till wednesday": "2026-03-09..2026-03-11",
    "july 13 to 15": "2026-07-13..2026-07-15",
    "between the 28th and the 3rd": "2026-03-28..2026-04-03",
    "december 30 to january 2": "2026-12-30..2027-01-02",
    "for three days from monday": "2026-03-09..2026-03-11",
    "next week, maybe thursday": "2026-03-12",
    "by friday": "..2026-03-06",
    "before friday": "..2026-03-05",
    "from friday on": "2026-03-06..",
    "after may": "2026-06-01..",
}


@each_case(("text", "meant"), DAYS.items())
def test_a_day_is_the_one_that_a_person_means(text: str, meant: str) -> None:
    assert day(text) == meant


@pytest.mark.parametrize("text", ["may I book?", "that's all for today, thanks", "have a nice day", "see you friday"])
def test_no_day_is_made_of_words_that_name_none(text: str) -> None:
    assert day(text) == ""


@each_case("text", ["february 30", "31/31", "the 45th", "2026-13-01", "room 12", "open 24/7"])
def test_no_day_is_made_of_figures_that_are_none(text: str) -> None:
    assert day(text) == ""


@pytest.mark.parametrize(
    ("locale", "meant"), [("en-US", "2026-05-07"), ("en_GB", "2026-07-05"), ("en-KE", "2026-07-05")]
)
def test_the_locale_says_which_figure_is_the_month(locale: str, meant: str) -> None:
    assert day("on 5/7", locale) == meant


def test_an_order_that_makes_no_date_is_turned_round() -> None:
    assert day("24/12", "en-US") == day("12/24", "en-KE") == "2026-12-24"


def test_a_day_that_is_over_is_not_the_day_of_a_booking() -> None:
    assert day("yesterday") == "2026-03-03"
    assert day("I made a reservation yesterday") == ""
    assert day("I booked yesterday for tomorrow") == "2026-03-05"


@each_case(
    ("text", "problem", "meant"),
    [
        ("31 december 9999", Problem.FAR, ""),
        ("december 31, 9999", Problem.FAR, ""),
        ("9999-12-31", Problem.FAR, ""),
        ("in 99999999 days", Problem.FAR, ""),
        ("in 5000 days", Problem.FAR, ""),
        ("in 999 years", Problem.FAR, ""),
        ("a week after 9999-12-31", Problem.FAR, ""),
        ("a week before 0001-01-01", Problem.PAST, ""),
        ("book a haircut for February 30", Problem.IMPOSSIBLE, ""),
        ("the 31st of june", Problem.IMPOSSIBLE, ""),
        ("may 32nd", Problem.IMPOSSIBLE, ""),
        ("february 29 2027", Problem.IMPOSSIBLE, ""),
        ("2026-13-01", Problem.IMPOSSIBLE, ""),
        ("the 31st of next month", Problem.IMPOSSIBLE, ""),
        ("last Friday", Problem.PAST, "2026-02-27"),
        ("the 2nd of this month", Problem.PAST, "2026-03-02"),
        ("book me last Friday", Problem.PAST, ""),
        ("on the 32nd", Problem.IMPOSSIBLE, ""),
        ("5 may 2025", Problem.PAST, "2025-05-05"),
    ],
)
def test_a_day_that_cannot_be_booked_is_said_to_be_one(text: str, problem: Problem, meant: str) -> None:
    said = heard(text)
    assert said.problem
    assert (said.problem.value, day(text)) == (problem, meant)


@pytest.mark.parametrize(
    "text", ["next friday", "today", "february 30, sorry, march 2", "I booked yesterday", "8 people"]
)
def test_nothing_is_wrong_with_other_days(text: str) -> None:
    assert heard(text).problem is None


def test_after_a_day_leaves_the_day_out() -> None:
    date = heard("after friday").date
    assert date
    assert (str(date.value.first), date.value.limit) == ("2026-03-06", Limit.AFTER)


def test_the_date_is_that_of_the_venue() -> None:
    said = heard("today", now=datetime(2026, 3, 4, 22, 30, tzinfo=UTC))  # half past one on the 5th in Nairobi
    assert said.date
    assert str(said.date.value.first) == "2026-03-05"
