"""Calendars as programs read them: by `icalendar`, and by `vobject`, which has its own parser and its own clocks."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import vobject  # type: ignore[import-untyped]  # it has no types
from icalendar import Calendar
from vobject.icalendar import registerTzid  # type: ignore[import-untyped]  # the same


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader sees of an event; instants in UTC."""

    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    status: str


def read(text: str) -> Any:
    """Return the calendar, by `icalendar`."""
    return Calendar.from_ical(text)


def events(text: str) -> list[Any]:
    """Return its events."""
    return list(read(text).walk("VEVENT"))


def event(text: str) -> Any:
    """Return its one event."""
    (found,) = events(text)
    return found


def seen_by_icalendar(text: str) -> dict[str, Seen]:
    """Return the events by UID, by the time zones that everybody knows by these names."""
    return {
        str(one["UID"]): Seen(
            one["DTSTART"].dt.astimezone(UTC),
            one["DTEND"].dt.astimezone(UTC),
            str(one["SUMMARY"]),
            str(one.get("DESCRIPTION", "")),
            str(one["STATUS"]),
        )
        for one in events(text)
    }


def seen_by_vobject(text: str) -> dict[str, Seen]:
    """Return the events by UID, by the time zones that the text itself defines, whatever their names."""
    calendar = vobject.readOne(text, transform=False)
    for zone in calendar.contents.get("vtimezone", []):
        registerTzid(zone.tzid.value, zone.transformToNative().tzinfo)
    calendar.transformToNative().transformChildrenToNative()
    return {
        one.uid.value: Seen(
            one.dtstart.value.astimezone(UTC),
            one.dtend.value.astimezone(UTC),
            one.summary.value,
            one.description.value if hasattr(one, "description") else "",
            one.status.value,
        )
        for one in calendar.contents.get("vevent", [])
    }
