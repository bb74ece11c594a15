"""Which time of day is meant."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.voice.understanding import OpeningHours, understand
from tests.cases import each_case
from tests.voice.understanding.said import clock, heard

TIMES = {
    "at 3 pm": "15:00",
    "at 3p": "15:00",
    "12 a.m.": "00:00",
    "noon": "12:00",
    "15:30": "15:30",
    "15h30": "15:30",
    "8.30pm": "20:30",
    "915pm": "21:15",
    "at three": "15:00/03:00",
    "at eight": "08:00/20:00",
    "ten thirty": "10:30/22:30",
    "twelve oh five pm": "12:05",
    "half past ten": "10:30/22:30",
    "a quarter to noon": "11:45",
    "twenty past four in the afternoon": "16:20",
    "25 to 7 p.m.": "18:35",
    "ten to five": "16:50/04:50",
    "15 minutes before 6pm": "17:45",
    "afternoon 3": "15:00",
    "8 in the evening": "20:00",
    "at 8 tonight": "20:00",
    "9 tomorrow evening": "21:00",
    "half past 12 in the afternoon": "12:30",
    "in half an hour": "09:30",
    "this afternoon": "afternoon",
    "lunch tomorrow": "noon",
    "early morning": "08:00-10:00",
    "between 2 and 4": "14:00-16:00",
    "from 9 to 5": "09:00-17:00",
    "from 10 until 12": "10:00-12:00",
    "from ten till twelve": "10:00-12:00",
    "9 to 5 pm": "09:00-17:00",
    "3-5pm": "15:00-17:00",
    "9:30-4pm": "09:30-16:00",
    "between 5 and 6 in the evening": "17:00-18:00",
    "4 pm for an hour": "16:00-17:00",
    "for 2 hours from 10": "10:00-12:00",
    "after 3 pm": "15:00-",
    "3 pm or later": "15:00-",
    "not before 5": "17:00-",
    "before noon": "-12:00",
    "no later than 6": "-18:00",
    "by 14:00": "-14:00",
    "after 5 but before 8": "17:00-20:00",
}


@each_case(("text", "meant"), TIMES.items())
def test_a_time_is_the_one_that_a_person_means(text: str, meant: str) -> None:
    assert clock(text) == meant


@each_case(
    "text",
    [
        "room 12",
        "it costs $20",
        "4.5 stars",
        "a table for 8",
        "12 people",
        "at 21 baker street",
        "25:99",
        "good evening",
    ],
)
def test_no_time_is_made_of_what_is_none(text: str) -> None:
    assert clock(text) == ""


EVENINGS: OpeningHours = {weekday: [(17 * 60, 23 * 60)] for weekday in range(7)}
NIGHTS: OpeningHours = {weekday: [(20 * 60, 4 * 60)] for weekday in range(7)}


def test_an_hour_without_am_or_pm_is_one_that_is_open() -> None:
    assert clock("at 8") == "08:00/20:00"
    assert clock("at 8", EVENINGS) == "20:00/08:00"


def test_hours_past_midnight_are_open_too() -> None:
    assert clock("at 3", NIGHTS) == "03:00/15:00"


def test_the_hours_are_those_of_the_day_named() -> None:
    hours: OpeningHours = {0: [(7 * 60, 12 * 60)], 1: [(13 * 60, 21 * 60)]}
    assert clock("monday at 7", hours) == "07:00/19:00"
    assert clock("tuesday at 7", hours) == "19:00/07:00"


@each_case(
    ("text", "others"),
    [
        ("between 8 and 10", [(time(20), time(22))]),
        ("from 10 to 2", [(time(22), time(2))]),
        ("after 3", [(time(3), None)]),
        ("before 5", [(None, time(5))]),
        ("8 to 10 pm", []),
        ("after 3 in the afternoon", []),
    ],
)
def test_a_window_can_be_in_the_other_half_of_the_day(text: str, others: list[tuple[time | None, time | None]]) -> None:
    window = heard(text).window
    assert window
    assert [(other.start, other.end) for other in window.value.others] == others


@each_case(
    ("text", "window"),
    {
        "thursday after 5": "17:00-",
        "before 11": "-11:00",
        "not before 4": "16:00-",
        "until 8": "-20:00",
        "after 8": "20:00-",
        "from 6": "18:00-",
        "after 8 in the morning": "08:00-",
    }.items(),
)
def test_an_open_window_begins_or_ends_while_it_is_open(text: str, window: str) -> None:
    """It has no other reading: both together were the whole day."""
    said = heard(text, hours={day: [(9 * 60, 20 * 60)] for day in range(7)})
    assert said.window
    assert said.window.value.others == ()
    assert clock(text, {day: [(9 * 60, 20 * 60)] for day in range(7)}) == window


def test_before_it_opens_an_open_window_is_of_the_day() -> None:
    assert clock("after 6", {0: [(9 * 60, 17 * 60)]}) == "18:00-"


def test_on_a_day_that_is_closed_the_hours_of_other_days_count() -> None:
    assert clock("tuesday at 7", {0: [(13 * 60, 21 * 60)]}) == "19:00/07:00"


def test_today_an_hour_that_is_over_is_not_meant() -> None:
    assert clock("today at 8") == "20:00/08:00"


def test_said_am_or_pm_outweighs_the_opening_hours() -> None:
    assert clock("at 8 am", EVENINGS) == "08:00"


def test_minutes_from_now_mind_a_change_of_the_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    just_before = datetime(2026, 3, 29, 1, 50, tzinfo=berlin)  # ten minutes later it is three
    said = understand("in 30 minutes", now=just_before, zone=berlin)
    assert said.time
    assert said.time.value == time(3, 20)
