"""Which half of the day an hour is in that was said without am or pm."""

from collections.abc import Iterable
from datetime import datetime

from app.voice.understanding.answer import OpeningHours
from app.voice.understanding.meaning import DAY, Clock, Clocks, Days, Part

Spans = tuple[tuple[int, int], ...]
"""Pairs of minutes after midnight."""
WINDOWS = {
    Part.MORNING: (8 * 60, 12 * 60),
    Part.NOON: (12 * 60, 14 * 60),
    Part.AFTERNOON: (12 * 60, 17 * 60),
    Part.EVENING: (17 * 60, 21 * 60),
    Part.NIGHT: (20 * 60, 24 * 60),
}
"""From when to when a part of the day lasts, in minutes after midnight."""
ALWAYS = ((7 * 60, 19 * 60),)
"""What counts as open where no opening hours are known."""
FULL_HOUR, SMALL_HOURS, NEARLY_NOON = 60, 6 * 60, 11 * 60


def readings(clock: Clock, part: Part | None, open_: Spans, not_before: int = 0) -> tuple[int, ...]:
    """Return what the clock can mean, in minutes, the likeliest first.

    A part of the day decides; else the reading within the hours `open_` comes first, then one not over yet (from
    `not_before` on, today), then the earlier.
    """
    if clock.sure:
        return clock.readings
    if part:
        return _within(clock, part)
    return tuple(sorted(clock.readings, key=lambda minutes: (minutes < not_before, not _is_open(minutes, open_))))


def _within(clock: Clock, part: Part) -> tuple[int, ...]:
    early, late = clock.readings
    if part is Part.MORNING:
        return (early,)
    if part is Part.NIGHT:
        return (early, late) if early < SMALL_HOURS else (late,)
    if part is Part.NOON:
        return (early,) if early >= NEARLY_NOON else (late,)
    return (early,) if part is Part.EVENING and early < FULL_HOUR else (late,)


def _is_open(minutes: int, spans: Spans) -> bool:
    return any(opens <= minutes < closes or opens <= minutes + DAY < closes for opens, closes in spans)


def hours_on(days: Days | None, hours: OpeningHours | None) -> Spans:
    """Return when it is open on the day meant, in minutes; on any day where none is meant, or it is closed on that."""
    if not hours:
        return ALWAYS
    listed = hours.get(days.anchor.weekday()) if days and days.single else None
    pairs = listed or [pair for every in hours.values() for pair in every]
    return tuple((opens, closes + DAY * (closes <= opens)) for opens, closes in pairs)


def not_over(days: Days | None, now: datetime) -> int:
    """Return the minute of the day from which times are not over yet: now on today's date, else 0."""
    return now.hour * 60 + now.minute if days and days.single and days.anchor == now.date() else 0


def windows(clocks: Clocks, part: Part | None, open_: Spans, not_before: int) -> list[tuple[int | None, int | None]]:
    """Return what a window can mean, from when to when, the likeliest first: "8 to 10" is in either half of the day.

    Of an unsure end the first reading after the beginning counts. Of a window with one end, where the opening hours
    are known, only what lies within them counts: both readings together were the whole day.
    """
    if not clocks.start or not clocks.end:
        return _open_windows(clocks, part, open_, not_before)
    ends = readings(clocks.end, part, open_, not_before)
    return [
        (start, _end_after(start, clocks.end, ends[0])) for start in readings(clocks.start, part, open_, not_before)
    ]


def _open_windows(
    clocks: Clocks, part: Part | None, open_: Spans, not_before: int
) -> list[tuple[int | None, int | None]]:
    named = clocks.start or clocks.end
    if not named:
        return []
    found = readings(named, part, open_, not_before)
    inside = found if open_ is ALWAYS else _open_at(found, open_) or _open_at(found, ALWAYS) or found
    return [(at, None) if clocks.start else (None, at) for at in inside]


def _open_at(readings_: Iterable[int], spans: Spans) -> list[int]:
    """Return those of the readings at which it is open, or just closes."""
    return [at for at in readings_ if _is_open(at, spans) or _is_open(at - 1, spans)]


def _end_after(start: int, end: Clock, likeliest: int) -> int:
    if end.sure:
        return likeliest
    return min(end.readings, key=lambda minutes: (minutes - start - 1) % DAY)


def left_out(part: Part) -> tuple[int, int]:
    """Return when a part of the day is that is not wanted: "not tonight" leaves out the evening as well."""
    start, end = WINDOWS[part]
    return (WINDOWS[Part.EVENING][0], end) if part is Part.NIGHT else (start, end)


def half_of(part: Part, half: int) -> tuple[int, int]:
    """Return the first (-1) or the second half (1) of a part of the day."""
    start, end = WINDOWS[part]
    middle = (start + end) // 2
    return (start, middle) if half < 0 else (middle, end)
