"""What is taken back does not count. Today is Wednesday, 4 March 2026."""

import pytest

from tests.voice.understanding.said import clock, day


@pytest.mark.parametrize(
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
