"""The time of day that was meant: an exact one with its other readings, a window, or a part of the day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.voice.understanding import halves
from app.voice.understanding.answer import OpeningHours, Part, Read, Window
from app.voice.understanding.combine import Spoken, chosen, named_beside, read
from app.voice.understanding.meaning import Clocks, Context, Days, Meaning

SURE, LIKELY = 1.0, 0.7
MINUTES_AN_HOUR, HOURS_A_DAY = 60, 24


@dataclass(frozen=True, slots=True)
class Timing:
    """The parts of an `Understanding` that concern the time of day."""

    time: Read[dt.time] | None = None
    window: Read[Window] | None = None
    daypart: Read[Part] | None = None
    t_alt: tuple[dt.time, ...] = ()
    other_times: tuple[dt.time, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of the day when an hour's half of the day is decided: when it is open, and what of it is over."""

    open: halves.Spans
    not_before: int

    @classmethod
    def of(cls, days: Days | None, hours: OpeningHours | None, here: Context) -> "Day":
        """Return what is known of `days`."""
        return cls(halves.hours_on(days, hours), halves.not_over(days, here.now))


def timing(text: str, found: list[Spoken], day: Day) -> Timing:
    """Return the time that counts. An explicit clock beats a part of the day, which then says am or pm."""
    clock = chosen(found, lambda meaning: meaning.clocks)
    part = chosen(found, lambda meaning: meaning.part)
    if clock and clock.meaning.clocks:
        hint = clock.meaning.part or (part.meaning.part if part else None)
        others = named_beside(found, clock, lambda meaning: meaning.clocks and meaning.clocks.exact)
        found_time = _clocked(text, clock, clock.meaning.clocks, hint, day)
        return replace(found_time, other_times=_likeliest(others, hint, day)) if found_time.time else found_time
    if part and part.meaning.part:
        return Timing(daypart=read(text, part, part.meaning.part, SURE), window=_half(text, part, part.meaning.part))
    return Timing()


def times_left_out(meanings: Sequence[Meaning], day: Day) -> tuple[tuple[dt.time, ...], tuple[Window, ...]]:
    """Return the times, in all their readings, and the windows that are named only to leave them out, on any day."""
    times: list[dt.time] = []
    windows: list[Window] = []
    for one in meanings:
        if one.days is None:
            times += map(of_day, _readings_left_out(one, day))
            windows += _windows_left_out(one, day)
    return tuple(times), tuple(windows)


def windows_of_day(meaning: Meaning, days: Days, day: Day) -> list[Window]:
    """Return what is left out of `days` alone; of an exact time its minute."""
    minutes = [Window(of_day(at), of_day(at + 1)) for at in _readings_left_out(meaning, day)]
    return [replace(one, days=days) for one in (*minutes, *_windows_left_out(meaning, day))]


def _readings_left_out(one: Meaning, day: Day) -> Sequence[int]:
    if one.clocks and one.clocks.exact and one.clocks.start:
        return halves.readings(one.clocks.start, one.part, day.open)
    return ()


def _windows_left_out(one: Meaning, day: Day) -> list[Window]:
    if one.clocks and not one.clocks.exact:
        return [replace(_window(halves.windows(one.clocks, one.part, day.open, day.not_before)), others=())]
    if one.part and not one.clocks:
        start, end = halves.left_out(one.part)
        return [Window(of_day(start), of_day(end))]
    return []


def _clocked(text: str, one: Spoken, clocks: Clocks, part: Part | None, day: Day) -> Timing:
    if not clocks.exact or not clocks.start:
        return Timing(window=read(text, one, _window(halves.windows(clocks, part, day.open, day.not_before)), SURE))
    first, *others = (of_day(minutes) for minutes in halves.readings(clocks.start, part, day.open, day.not_before))
    return Timing(time=read(text, one, first, LIKELY if others else SURE), t_alt=tuple(others))


def _likeliest(others: list[Spoken], part: Part | None, day: Day) -> tuple[dt.time, ...]:
    clocks = [one.meaning.clocks.start for one in others if one.meaning.clocks and one.meaning.clocks.start]
    return tuple(of_day(halves.readings(clock, part, day.open, day.not_before)[0]) for clock in clocks)


def _window(ends: list[tuple[int | None, int | None]]) -> Window:
    first, *others = (Window(_time(start), _time(end)) for start, end in ends)
    return replace(first, others=tuple(others))


def _half(text: str, one: Spoken, part: Part) -> Read[Window] | None:
    """Return the first or the second half of a part of the day where that was said: "late afternoon"."""
    if not one.meaning.half:
        return None
    start, end = halves.half_of(part, one.meaning.half)
    return read(text, one, Window(of_day(start), of_day(end)), SURE)


def _time(minutes: int | None) -> dt.time | None:
    return None if minutes is None else of_day(minutes)


def of_day(minutes: int) -> dt.time:
    """Return the time of day; 24:00 is 00:00."""
    hour, minute = divmod(minutes, MINUTES_AN_HOUR)
    return dt.time(hour % HOURS_A_DAY, minute)
