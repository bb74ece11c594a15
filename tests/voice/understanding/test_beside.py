"""Days and times that are named beside others. Today is Wednesday, 4 March 2026."""

import pytest

from tests.cases import each_case
from tests.voice.understanding.said import heard


@each_case(
    ("text", "days"),
    [
        ("Monday or Tuesday", ["2026-03-09", "2026-03-10"]),
        ("Monday and Tuesday, please", ["2026-03-09", "2026-03-10"]),
        ("Monday, Tuesday or Thursday", ["2026-03-09", "2026-03-10", "2026-03-05"]),
        ("next week, on Monday or on Thursday", ["2026-03-09", "2026-03-12"]),
        ("next Friday or Saturday", ["2026-03-13", "2026-03-14"]),
        ("tomorrow or Monday", ["2026-03-05", "2026-03-09"]),
        ("Monday at 3 pm or Tuesday at 4 pm", ["2026-03-09", "2026-03-10"]),
        ("Monday, not Tuesday or Thursday", ["2026-03-09"]),
        ("I can't do Monday, Tuesday is fine", ["2026-03-10"]),
        ("between Monday and Wednesday", ["2026-03-09"]),
    ],
)
def test_all_days_that_are_named_are_said(text: str, days: list[str]) -> None:
    said = heard(text)
    assert said.date
    assert [str(day.first) for day in (said.date.value, *said.other_dates)] == days


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("at 3 pm or 5 pm", ["15:00", "17:00"]),
        ("tomorrow at 3 or 4", ["15:00", "16:00"]),
        ("10 am, 11 am or noon", ["10:00", "11:00", "12:00"]),
        ("3 pm, actually 5 pm", ["17:00"]),
    ],
)
def test_all_times_that_are_named_are_said(text: str, times: list[str]) -> None:
    said = heard(text)
    assert said.time
    assert [f"{at:%H:%M}" for at in (said.time.value, *said.other_times)] == times
