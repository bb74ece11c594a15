"""What is taken back does not count. Today is Wednesday, 4 March 2026."""

from datetime import time

import pytest

from app.voice.understanding import Days, Read
from tests.cases import each_case
from tests.voice.understanding.said import clock, day, heard


@each_case(
    ("text", "meant"),
    {
        "I can't do Thursday, make it Sunday": "2026-03-08",
        "not Friday but Saturday": "2026-03-07",
        "Friday doesn't work, how about Monday?": "2026-03-09",
        "Monday instead of Friday": "2026-03-09",
        "book me on Friday. Actually, make that Saturday": "2026-03-07",
        "move my appointment from Friday to Saturday": "2026-03-07",
        "any day but not Monday": "",
        "Friday or Saturday": "2026-03-06",
    }.items(),
)
def test_the_day_that_counts(text: str, meant: str) -> None:
    assert day(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    {
        "my booking is at 3 pm, change it to 4 pm": "16:00",
        "change it from 3 pm to 5 pm": "17:00",
        "let's do 4 pm instead of 3 pm": "16:00",
        "12:00 is too early, 5 pm please": "17:00",
        "I can't go until 4:30 pm": "16:30-",
    }.items(),
)
def test_the_time_that_counts(text: str, meant: str) -> None:
    assert clock(text) == meant


@each_case(
    ("text", "old", "new"),
    [
        ("move my facial from Tuesday at 4 to Wednesday at 5pm", "2026-03-10 16:00", "2026-03-11 17:00"),
        ("reschedule from monday 3pm to friday 4pm", "2026-03-09 15:00", "2026-03-06 16:00"),
        ("move my haircut on the 30th to Tuesday at 10", "2026-03-30 -", "2026-03-10 10:00"),
        ("push my 3 pm haircut tomorrow to 5 pm", "2026-03-05 15:00", "2026-03-05 17:00"),
        ("change it from 3 to 5", "- 15:00", "- 17:00"),
        ("move my haircut from Monday to the 12th", "2026-03-09 -", "2026-03-12 -"),
        ("12 pm is fine, but change the date to May 5", "- -", "2026-05-05 12:00"),
        ("move my haircut to Tuesday at 5", "- -", "2026-03-10 17:00"),
    ],
)
def test_a_move_has_an_old_and_a_new_time(text: str, old: str, new: str) -> None:
    said = heard(text)
    assert _when(said.old_date, said.old_time) == old
    assert _when(said.date, said.time) == new


def _when(date: Read[Days] | None, at: Read[time] | None) -> str:
    return f"{date.value.first if date else '-'} {at.value.strftime('%H:%M') if at else '-'}"


@pytest.mark.parametrize(
    "text", ["move it to Tuesday from 3 pm to 5 pm", "move my haircut on Monday at 9 to Tuesday 3 pm to 5 pm"]
)
def test_a_booking_can_be_moved_to_a_window(text: str) -> None:
    assert (day(text), clock(text)) == ("2026-03-10", "15:00-17:00")


THURSDAY, FRIDAY = "2026-03-05", "2026-03-06"


@each_case(
    ("text", "days"),
    {
        "any day but Thursday": [THURSDAY],
        "any day but not Thursday": [THURSDAY],
        "any day next week but Thursday": ["2026-03-12"],
        "any day except Thursday or Friday": [THURSDAY, FRIDAY],
        "I can't do Thursday or Friday": [THURSDAY, FRIDAY],
        "not Thursday": [THURSDAY],
        "not on the 10th": ["2026-03-10"],
        "no Thursdays": [THURSDAY],
        "not after Thursday": [FRIDAY],
        "tomorrow but not at 3": [],
        "Friday but not Saturday": ["2026-03-07"],
        "I can't do Thursday, make it Friday": [THURSDAY],
        "next week but not on monday, tuesday or wednesday": ["2026-03-09", "2026-03-10", "2026-03-11"],
        "next week, not on monday, tuesday and wednesday": ["2026-03-09", "2026-03-10", "2026-03-11"],
        "any day except monday and tuesday": ["2026-03-09", "2026-03-10"],
        "any day but monday, tuesday": ["2026-03-09", "2026-03-10"],
        "any day except monday, at 3 pm please": ["2026-03-09"],
        "not the 24th, 25th or 26th": ["2026-03-24", "2026-03-25", "2026-03-26"],
        "I can't do monday, tuesday, or thursday": ["2026-03-09", "2026-03-10", THURSDAY],
        "neither thursday nor friday": [THURSDAY, FRIDAY],
        "neither on monday nor on thursday nor on friday": ["2026-03-09", THURSDAY, FRIDAY],
        "monday and tuesday are not possible": ["2026-03-09", "2026-03-10"],
        "monday, tuesday and friday don't work for me": ["2026-03-09", "2026-03-10", FRIDAY],
        "friday is impossible": [FRIDAY],
        "any evening next week but friday": ["2026-03-13"],
        "any time tomorrow or friday but not on thursday": [THURSDAY],
        "not on a weekend": ["2026-03-07", "2026-03-08"],
        "any day but Thursday next week": ["2026-03-12"],
        "next week, monday doesn't work": ["2026-03-09"],
        "next week, any day but thursday": ["2026-03-12"],
        "friday is too late": [FRIDAY],
        "not Wednesday either": ["2026-03-11"],
        "I don't want to come on friday": [FRIDAY],
        "the 16th of March, no, not the 16th, the 17th": ["2026-03-16"],
    }.items(),
)
def test_the_days_that_are_left_out(text: str, days: list[str]) -> None:
    said = heard(text)
    assert [str(one.bounds[0]) for one in said.excluded_dates] == days
    assert said.date is None or not said.date.value.single or str(said.date.value.first) not in days


@each_case(
    ("text", "times"),
    {
        "tomorrow but not at 3": ["03:00", "15:00"],
        "any time but 3 pm": ["15:00"],
        "not at 3 pm or 4 pm": ["15:00", "16:00"],
        "3 is too early": ["-15:00", "03:00", "15:00"],
        "noon is too early": ["-12:00", "12:00"],
        "4 pm is too late": ["16:00-"],
        "8 pm would be a bit too late": ["20:00-"],
        "not at 10, 11 or 12 am": ["00:00", "10:00", "11:00", "22:00", "23:00"],
        "neither at 3 pm nor at 4 pm nor at 5 pm": ["15:00", "16:00", "17:00"],
        "3 pm and 4 pm are not possible": ["15:00", "16:00"],
        "mornings don't work": ["08:00-12:00"],
        "I don't want to come in the morning": ["08:00-12:00"],
        "tomorrow, not in the morning": ["08:00-12:00"],
        "I can't do mornings": ["08:00-12:00"],
        "not after 3 pm": ["15:00-"],
        "not between 3 and 5 pm": ["15:00-17:00"],
        "not Thursday": [],
    }.items(),
)
def test_the_times_that_are_left_out(text: str, times: list[str]) -> None:
    said = heard(text)
    written = [f"{at:%H:%M}" for at in said.excluded_times]
    for window in said.excluded_windows:
        start, end = (f"{at:%H:%M}" if at else "" for at in (window.start, window.end))
        written.append(f"{start}-{end}")
    assert sorted(written) == times
    assert said.time is None


@each_case(
    ("text", "window"),
    {
        "I can't do friday morning": f"{FRIDAY} 08:00-12:00",
        "friday morning doesn't work": f"{FRIDAY} 08:00-12:00",
        "today but not tonight": "2026-03-04 17:00-00:00",
        "not tomorrow at 3 pm": f"{THURSDAY} 15:00-15:01",
        "not at 3 pm tomorrow": f"{THURSDAY} 15:00-15:01",
        "not tomorrow between 3 and 5 pm": f"{THURSDAY} 15:00-17:00",
        "4 pm on friday is too late": f"{FRIDAY} 16:00-",
    }.items(),
)
def test_a_time_that_is_left_out_of_one_day(text: str, window: str) -> None:
    said = heard(text)
    (one,) = said.excluded_windows
    assert one.days
    start, end = (f"{at:%H:%M}" if at else "" for at in (one.start, one.end))
    assert f"{one.days.first} {start}-{end}" == window
    assert (said.excluded_dates, said.excluded_times) == ((), ())
    assert (said.time, said.window, said.daypart) == (None, None, None)


@each_case(
    ("text", "meant"),
    {
        "on 16 april at 2 pm, no, not the 16th, the 17th": "2026-04-17 14:00",
        "next tuesday at 2 pm, not tuesday, wednesday": "2026-03-11 14:00",
        "tomorrow at 2 pm, not at 2 pm, at 4 pm": f"{THURSDAY} 16:00",
        "not friday, saturday at 3 pm": "2026-03-07 15:00",
        "I can't do friday morning, friday afternoon": f"{FRIDAY} afternoon",
        "not monday or tuesday, wednesday at 3 pm": "2026-03-11 15:00",
        "I can't do monday or tuesday, friday works": f"{FRIDAY} ",
        "any day but Thursday next week": "2026-03-09..2026-03-15 ",
        "next week, monday doesn't work": "2026-03-09..2026-03-15 ",
        "any evening next week but friday": "2026-03-09..2026-03-15 evening",
        "any day but friday from 2 pm to 4 pm": " 14:00-16:00",
        "is 4 pm too late tomorrow?": f"{THURSDAY} 16:00",
        "tomorrow at 3 pm after all": f"{THURSDAY} 15:00",
    }.items(),
)
def test_what_is_left_out_is_not_wanted_as_well(text: str, meant: str) -> None:
    assert f"{day(text)} {clock(text)}" == meant


@pytest.mark.parametrize("text", ["at 3 after all", "3 after all", "okay, 3 after all"])
def test_a_time_is_taken_up_again(text: str) -> None:
    assert clock(text) == "15:00/03:00"


def test_hours_later_than_a_booking_are_not_counted_from_now() -> None:
    assert (day("move it an hour later"), clock("move it an hour later")) == ("", "")
    assert clock("two hours later") == "11:00"
