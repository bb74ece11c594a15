"""How a time zone's clocks go, as a VTIMEZONE component.

The `icalendar` library makes these too. It looks 64 days ahead at a time, and so can miss a change that is taken back
within them; it begins summer time at the wall time after the gap, where RFC 5545 §3.6.5 wants the one before it; and
it lists dates, which Outlook leaves unread ([MS-STANOICAL] 2.2.47).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)
DAYS_OF_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the clocks: from one offset to another, called `name`, at an instant."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def wall(self) -> datetime:
        """What the clocks show at that instant if nobody changes them; naive."""
        return self.at.replace(tzinfo=None) + self.before


@lru_cache(maxsize=1 << 10)
def definition(zone_name: str, first_year: int, last_year: int) -> Timezone:
    """Return how the clocks of an IANA zone go in these years and one more at each end. Not to be changed."""
    first, last = first_year - 1, last_year + 1
    zone = ZoneInfo(zone_name)
    begin = datetime(first, 1, 1, tzinfo=UTC)
    found = list(changes(zone, begin, datetime(last + 1, 1, 1, tzinfo=UTC)))
    if not found or found[0].wall.year >= first_year:
        offset, name = _clock(zone, begin)
        found.insert(0, Change(begin, offset, offset, name))
    shown = Timezone()
    shown.add("TZID", zone_name)
    for observance in _observances(found, last):
        shown.add_component(observance)
    return shown


def changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Change]:
    """Yield the changes of a zone's clocks after `begin` and up to `end`, to the second; no two lie within a day."""
    before = _clock(zone, begin)
    while begin < end:
        until = begin + ONE_DAY
        after = _clock(zone, until)
        if after != before:
            yield Change(_first_with(zone, after, begin, until), before[0], *after)
        begin, before = until, after


def _clock(zone: ZoneInfo, at: datetime) -> tuple[timedelta, str]:
    shown = at.astimezone(zone)
    return shown.utcoffset() or timedelta(), shown.tzname() or zone.key


def _first_with(zone: ZoneInfo, clock: tuple[timedelta, str], begin: datetime, end: datetime) -> datetime:
    """Return the first second, after `begin` and not after `end`, with this clock."""
    while end - begin > ONE_SECOND:
        middle = begin + (end - begin) // ONE_SECOND // 2 * ONE_SECOND
        begin, end = (begin, middle) if _clock(zone, middle) == clock else (middle, end)
    return end


def _observances(found: Sequence[Change], last_year: int) -> Iterator[TimezoneDaylight | TimezoneStandard]:
    """Yield the changes as components: one for those that a yearly rule tells, one for each other."""
    groups: dict[Any, list[Change]] = defaultdict(list)
    for change in found:
        groups[change.before, change.after, change.name].append(change)
    lowest = min(change.after for change in found)
    for alike in groups.values():
        rule = yearly_rule([change.wall for change in alike], last_year)
        for change in alike[:1] if rule else alike:
            shown = _observance(change, is_daylight=change.after > lowest)
            if rule:
                shown.add("RRULE", rule)
            yield shown


def _observance(change: Change, *, is_daylight: bool) -> TimezoneDaylight | TimezoneStandard:
    """Return a change as a component. The later of a zone's clocks is called daylight saving time.

    So Ireland's and Morocco's are, whose law has it the other way round: programs know no negative saving.
    """
    shown = TimezoneDaylight() if is_daylight else TimezoneStandard()
    shown.DTSTART = change.wall
    shown.TZOFFSETFROM, shown.TZOFFSETTO = change.before, change.after
    shown.add("TZNAME", change.name)
    return shown


def yearly_rule(times: Sequence[datetime], last_year: int) -> dict[str, Any] | None:
    """Return the RRULE by which these times, and no others up to `last_year`, come; None where none of its kind does.

    It is of the kind "the last Sunday of October", or "the second Sunday of March".
    """
    years = [time.year for time in times]
    if len(years) == 1 or years != list(range(years[0], last_year + 1)):
        return None
    for ordinal in (_from_the_end, _from_the_start):
        (month, number, weekday, _), *others = {(t.month, ordinal(t), t.weekday(), t.time()) for t in times}
        if number and not others:
            return {"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": f"{number}{WEEKDAYS[weekday]}"}
    return None


def _from_the_start(time: datetime) -> int:
    return (time.day - 1) // DAYS_OF_A_WEEK + 1


def _from_the_end(time: datetime) -> int:
    """Return -1 for the last such weekday of a month; 0, which is no number, for others."""
    is_last = (time + timedelta(days=DAYS_OF_A_WEEK)).month != time.month
    return -1 if is_last else 0
