"""Calendars as RFC 5545 writes them, by the `icalendar` library.

Loaded with the first calendar that is asked for: it takes a while, and most processes write none.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from app.bookings.ical.entry import Entry, Method, Sender, State
from app.bookings.ical.zones import definition

PRODUCT = "-//Parlour//Bookings//EN"
REFRESH = timedelta(hours=1)
"""How often programs are asked to look again; most have their own mind."""

_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def as_file(entry: Entry, sender: Sender, now: datetime) -> bytes:
    """Return one entry, to be opened: it adds itself to a calendar or, cancelled, removes itself from it."""
    calendar = _calendar()
    calendar.add("METHOD", Method.CANCEL if entry.state is State.CANCELLED else Method.PUBLISH)
    event = _event(entry, stamp=now)
    organizer = vCalAddress(f"mailto:{sender.address}")
    organizer.params["CN"] = plain(sender.name)
    event.add("ORGANIZER", organizer)
    calendar.add_component(event)
    return _with_zones(calendar, [entry])


def as_feed(name: str, entries: Sequence[Entry]) -> bytes:
    """Return entries, to be subscribed to. The same entries make the same bytes."""
    calendar = _calendar()
    calendar.add("NAME", plain(name))
    calendar.add("X-WR-CALNAME", plain(name))
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", REFRESH)
    for entry in entries:
        calendar.add_component(_event(entry, stamp=entry.changed_at))
    return _with_zones(calendar, entries)


def plain(text: str) -> str:
    """Return text without what no calendar may hold: whatever ends a line is a line break, other controls spaces."""
    text = _LINE_END.sub("\n", text)
    return _CONTROL.sub(" ", text)


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _event(entry: Entry, *, stamp: datetime) -> Event:
    event = Event()
    starts_at, ends_at = _wall_times(entry)
    event.add("UID", entry.uid)
    event.add("DTSTAMP", stamp)
    event.add("SEQUENCE", entry.sequence)
    event.add("LAST-MODIFIED", entry.changed_at)
    event.add("DTSTART", starts_at)
    event.add("DTEND", ends_at)
    event.add("STATUS", entry.state)
    event.add("SUMMARY", plain(entry.summary))
    for name, text in (("DESCRIPTION", entry.description), ("LOCATION", entry.location)):
        if text:
            event.add(name, plain(text))
    event.add("TRANSP", "OPAQUE" if entry.takes_time and entry.state is not State.CANCELLED else "TRANSPARENT")
    if entry.is_private:
        event.add("CLASS", "PRIVATE")
    return event


def _wall_times(entry: Entry) -> tuple[datetime, datetime]:
    """Return start and end on the clocks of the entry's zone.

    Both in UTC where one falls into the second run of an hour that a clock change repeats: a wall time means the first
    (RFC 5545 §3.3.5).
    """
    zone = ZoneInfo(entry.timezone)
    starts_at, ends_at = entry.starts_at.astimezone(zone), entry.ends_at.astimezone(zone)
    return (entry.starts_at, entry.ends_at) if starts_at.fold or ends_at.fold else (starts_at, ends_at)


def _with_zones(calendar: Calendar, entries: Sequence[Entry]) -> bytes:
    """Return the calendar as text, how the clocks of its zones go before what is told by them."""
    missing = sorted(calendar.get_missing_tzids())
    if missing:
        first, last = min(one.starts_at for one in entries).year, max(one.ends_at for one in entries).year
        calendar.subcomponents[:0] = [definition(name, first, last) for name in missing]
    text: bytes = calendar.to_ical()
    return text
