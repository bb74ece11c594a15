"""Days, times and people of an understanding, in the form in which a conversation keeps them."""

from collections.abc import Sequence
from datetime import time

from app.kit.dates import dates_between
from app.models.diary import DAY_MINUTES
from app.voice.talk import Said, Talk
from app.voice.understanding import Days, Read, Understanding, Window
from app.voice.understanding.halves import WINDOWS


def said_in(found: Understanding, talk: Talk) -> dict[str, Said]:
    """Return the dates, times and people of an understanding."""
    said: dict[str, Said] = {}
    if found.date:
        said["date"] = _dated(found.date, found.other_dates, talk)
    if found.old_date:
        said["old_date"] = _dated(found.old_date, (), Talk())
    if found.time:
        said["time"] = _timed(found.time, also=found.other_times, others=found.t_alt)
    if found.old_time:
        said["old_time"] = _timed(found.old_time)
    if found.window:
        others = [_ends(one) for one in found.window.value.others]
        said["window"] = _said(found.window, _ends(found.window.value)) | ({"others": others} if others else {})
    elif found.daypart and not found.time:
        start, end = map(_clock, WINDOWS[found.daypart.value])
        said["window"] = _said(found.daypart, {"from": start, "to": end}) | {"part": found.daypart.value.value}
    if found.party_size:
        said["party_size"] = _said(found.party_size, found.party_size.value)
    return said


def _dated(date: Read[Days], beside: Sequence[Days], talk: Talk) -> Said:
    """Return the days of a text; `repeats` where a weekday alone was named: the next one, if it is not another."""
    first, last = (end and end.isoformat() for end in _in_named(date.value, talk).bounds)
    said = _said(date, first if first == last else {"from": first, "to": last})
    also = [f"{_in_named(one, talk).anchor}" for one in beside]
    return said | ({"also": also} if also else {}) | ({"repeats": True} if date.value.is_weekday else {})


def _timed(read: Read[time], also: Sequence[time] = (), others: Sequence[time] = ()) -> Said:
    """Return the time of a text, what was named beside it, and its other readings."""
    lists = {"also": [f"{at:%H:%M}" for at in also], "others": [f"{at:%H:%M}" for at in others]}
    return _said(read, f"{read.value:%H:%M}") | {name: times for name, times in lists.items() if times}


def _ends(window: Window) -> dict[str, str | None]:
    start, end = (f"{at:%H:%M}" if at else None for at in (window.start, window.end))
    return {"from": start, "to": end}


def _in_named(days: Days, talk: Talk) -> Days:
    """Return the day meant, within the days that were named before: "next week", and then "Thursday"."""
    first, last = talk.days
    if not first or not last or first == last or not days.is_weekday:
        return days
    found = (day for day in dates_between(first, last) if day.weekday() == days.anchor.weekday())
    return Days.one(next(found, days.anchor), days.step)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes % DAY_MINUTES, 60)
    return f"{hour:02}:{minute:02}"


def _said(read: Read[object], value: object) -> Said:
    return {"value": value, "text": read.text, "confidence": read.confidence}
