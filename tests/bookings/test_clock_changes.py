"""The engine against an oracle that watches the clocks in UTC, around every change of the clocks from 2024 to 2037."""

import os
from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest

from app.bookings.availability import Terms, offered_starts, reasons_against
from app.diary.diaries import Diary
from app.diary.openings import days_around, openings
from app.kit.intervals import Span, merged, to_instant
from tests.bookings.oracle import DAY, HOUR, WEEK, Change, Oracle, Watch, Week, Work, changes_of
from tests.bookings.patterns import PATTERNS, dated

EVERY = "EVERY_PATTERN" in os.environ
"""Set it to try every pattern at every change of the twelve zones."""

ZONES = [
    "Africa/Cairo",  # from midnight to one, and from the next midnight back to eleven
    "Africa/Casablanca",  # back for Ramadan
    "America/Havana",  # days without their midnight, days with two
    "America/New_York",
    "America/Nuuk",  # from eleven to midnight, and back
    "America/Santiago",  # days without their midnight, in September
    "America/St_Johns",  # half an hour off the hour
    "Antarctica/Troll",  # by two hours
    "Asia/Beirut",  # days without their midnight, in March
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Dublin",  # to a winter time that is behind the standard
    "Pacific/Chatham",  # three quarters of an hour off the hour
]

ALWAYS = -(10**9), 10**9
WORKS = [
    (duration, before, after, grid)
    for duration, (before, after), grid in zip(
        [15, 20, 45, 60, 90, 150, 240] * 20,
        [(0, 0), (15, 10), (30, 0), (0, 45)] * 35,
        [15, 10, 60, 30, 25] * 28,
        strict=True,
    )
]
"""Durations, buffers and grids in all their combinations."""

TAKEN = [
    [],
    [(-37, 53)],
    [(-1000, -985), (-400, -340), (-340, -300), (200, 245)],
]
"""Closures and bookings, in minutes from the change."""

LIMITS = [ALWAYS, (-301, 8 * HOUR + 1), ALWAYS, (-5 * HOUR, 8 * HOUR), ALWAYS]
"""The first and the last minute of starts, from the change."""


def a_case(change: Change) -> tuple[Work, list[range]]:
    """Return work and what is taken, others for each week of the calendar."""
    number = change.at // WEEK
    earliest, latest = (change.at + minutes for minutes in LIMITS[number % len(LIMITS)])
    taken = [range(change.at + begin, change.at + end) for begin, end in TAKEN[number % len(TAKEN)]]
    return Work(*WORKS[number % len(WORKS)], earliest, latest), taken


def compare(watch: Watch, week: Week, case: tuple[Work, list[range]], seen: range) -> None:
    """Hold the engine's answers about the minutes of `seen` against the oracle's: openings, starts, refusals."""
    work, taken = case
    oracle, terms = Oracle(watch.openings(week), taken), Terms(*(60 * minutes for minutes in astuple(work)))
    compare_openings(watch.timezone, week, oracle, seen)
    diary = diary_over(span_of(range(seen.start - 2 * DAY, seen.stop + 2 * DAY)), watch.timezone, week, taken)
    asked = sorted({*seen[::7], *(start for starts in oracle.grid(work.grid) for start in starts if start in seen)})
    verdicts = {start: oracle.reason_against(work, start) for start in asked}
    offered = [start for start, reason in verdicts.items() if reason is None]
    assert [start / 60 for start in offered_starts(diary, terms, span_of(seen))] == offered
    for start, reason in verdicts.items():
        found = reasons_against(diary, terms, start * 60)
        assert (found[0].code if found else None) == reason, start


def compare_openings(timezone: str, week: Week, oracle: Oracle, seen: range) -> None:
    """Hold what is open in all of `seen`, and in the second half of it, against the oracle."""
    for minutes in (seen, seen[len(seen) // 2 :]):
        diary = diary_over(span_of(minutes), timezone, week, [])
        spans = [range(opens // 60, closes // 60) for opens, closes in diary.open]
        assert {m for span in spans for m in span if m in minutes} == {m for m in minutes if m in oracle.open}


def diary_over(span: Span, timezone: str, week: Week, taken: Sequence[range]) -> Diary:
    """Return the diary that the application makes of hours to decide about a span."""
    opened = openings(days_around(span, timezone), week.weekly, week.dated, timezone)
    return Diary(1, timezone, opened, taken=merged(span_of(minutes) for minutes in taken))


def span_of(minutes: range) -> Span:
    """Return an interval in seconds."""
    return minutes.start * 60, minutes.stop * 60


def test_the_changes_are_found() -> None:
    """Not one of them would be missed below; laws change, so their number is not exact."""
    assert sum(len(changes_of(zone)) for zone in ZONES) > 280
    spring, autumn = changes_of("America/New_York", 2030, 2030)
    assert [to_instant(change.at * 60) for change in (spring, autumn)] == [
        datetime(2030, 3, 10, 7, tzinfo=UTC),
        datetime(2030, 11, 3, 6, tzinfo=UTC),
    ]
    assert [tuple(minute % DAY / HOUR for minute in change.gap) for change in (spring, autumn)] == [(2, 3), (1, 2)]


@pytest.mark.parametrize("timezone", ZONES)
def test_every_change_of_twelve_zones(timezone: str) -> None:
    """Three patterns at each change, all of them within five years, from a day before to a day after."""
    patterns = list(PATTERNS.values())
    for number, change in enumerate(changes_of(timezone), start=ZONES.index(timezone)):
        watch = Watch(timezone, change.at - 2 * DAY - 2 * HOUR, change.at + DAY + 6 * HOUR)
        for hours in patterns if EVERY else patterns[number // 2 % 5 :: 5]:
            compare(watch, hours(change), a_case(change), range(change.at - DAY, change.at + DAY))


def test_every_change_of_every_zone() -> None:
    """TZ-23: hours that open at five times around each change of all zones; zones that change alike are tried once."""
    alike = {(change.at, change.gap): change for zone in sorted(available_timezones()) for change in changes_of(zone)}
    assert len(alike) > 700
    for change in alike.values():
        first, end = change.gap
        watch = Watch(change.timezone, change.at - 13 * HOUR, change.at + 9 * HOUR)
        for probe in (first - 15, first, (first + end) // 2, end, end + 15):
            week = dated((probe, probe + HOUR))
            compare(watch, week, a_case(change), range(change.at - 3 * HOUR, change.at + 3 * HOUR))
