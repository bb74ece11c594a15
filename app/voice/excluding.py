"""What the client does not want: it is neither offered nor proposed, until it is asked for after all."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from app.voice.talk import SUBJECTS, Said, Talk, includes, is_same_weekday, is_within, sure
from app.voice.understanding import Days, Understanding, Window

Excluded = dict[str, Any]
"""A `kind`, and what of it: `id` and `name` of a thing; days `from` and `to`, `weekly` where every such weekday is
meant; the `value` of a time; times `from` and `to` of a window, `on` the days of which alone it is left out."""


def excluded_in(found: Understanding) -> list[Excluded]:
    """Return what a text leaves out."""
    things = [one.value for one in found.excluded]
    return [
        *({"kind": one.kind.value, "id": one.id, "name": one.name} for one in things),
        *({"kind": "date"} | _days(one) for one in found.excluded_dates),
        *({"kind": "time", "value": f"{at:%H:%M}"} for at in found.excluded_times),
        *(_window(one) for one in found.excluded_windows),
    ]


def exclude(talk: Talk, heard: dict[str, Said], more: Iterable[Excluded]) -> None:
    """Note what is wanted after all, then what is not any more."""
    day = _day(heard)
    talk.excluded = [one for one in talk.excluded if not any(is_said(one, name, heard[name], day) for name in heard)]
    for one in more:
        if one not in talk.excluded:
            talk.excluded.append(one)
        for name in talk.said.keys() - heard.keys():
            _drop(talk, name, one)


def excluded_ids(talk: Talk, kind: str) -> frozenset[int]:
    """Return the services, staff or spaces that are not wanted."""
    return frozenset(one["id"] for one in talk.excluded if one["kind"] == kind)


def is_day_excluded(talk: Talk, day: date) -> bool:
    """Say whether a day is not wanted."""
    return any(_is_on(one, day) for one in talk.excluded)


def is_excluded(talk: Talk, start: datetime) -> bool:
    """Say whether a start, by the clock it is meant by, is not wanted."""
    return is_day_excluded(talk, start.date()) or any(_is_at(one, start.time(), start.date()) for one in talk.excluded)


def _day(said: dict[str, Said]) -> date | None:
    """Return the one day that was said."""
    value = said["date"]["value"] if "date" in said else None
    return date.fromisoformat(value) if isinstance(value, str) else None


def _drop(talk: Talk, name: str, one: Excluded) -> None:
    """Forget what was said before and is not wanted now; of "Tuesday or Thursday" the other stays."""
    said, day = talk.said[name], _day(talk.said)
    if not is_said(one, name, said, day):
        return
    del talk.said[name]
    named = [value for value in (said["value"], *said.get("also", ())) if not is_said(one, name, sure(value), day)]
    if named:
        also = {"also": named[1:]} if named[1:] else {}
        talk.said[name] = {"value": named[0], "text": said["text"], "confidence": said["confidence"]} | also


def is_said(one: Excluded, name: str, said: Said, day: date | None = None) -> bool:
    """Say whether what a `Talk` knows by a name is, or reaches into, what is not wanted; a time is of `day`."""
    if name in SUBJECTS:
        return bool(one["kind"] == name and one["id"] == said["value"]["id"])
    if name == "date" and isinstance(said["value"], str):
        return any(_is_on(one, date.fromisoformat(day)) for day in (said["value"], *said.get("also", ())))
    if name == "time":
        return any(_is_at(one, time.fromisoformat(at), day) for at in (said["value"], *said.get("also", ())))
    if name != "window" or not said["value"]["from"]:
        return False
    return _is_at(one, time.fromisoformat(said["value"]["from"]), day)


def _is_on(one: Excluded, day: date) -> bool:
    if one["kind"] != "date":
        return False
    return includes({"value": one}, day) or (one["weekly"] and is_same_weekday(one["from"], day))


def _is_at(one: Excluded, clock: time, day: date | None = None) -> bool:
    """Say whether a time is left out; one that is so on some days alone, where it is of one of those."""
    if "on" in one and not (day and _is_on(one["on"], day)):
        return False
    if one["kind"] == "time":
        return bool(one["value"] == f"{clock:%H:%M}")
    return one["kind"] == "window" and is_within(one, clock)


def _window(window: Window) -> Excluded:
    found = {"kind": "window", "from": _clock(window.start), "to": _clock(window.end)}
    return found | ({"on": {"kind": "date"} | _days(window.days)} if window.days else {})


def _days(days: Days) -> Excluded:
    first, last = (end and f"{end}" for end in days.bounds)
    return {"from": first, "to": last, "weekly": days.is_weekday}


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"
