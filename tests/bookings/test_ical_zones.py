"""How the clocks of every time zone go, as VTIMEZONE says it, against `zoneinfo`."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical  # type: ignore[import-untyped]  # its stubs are a package that nothing else needs
from icalendar import Timezone

from app.bookings.ical.zones import changes, definition
from app.kit.places import ZONE_NAMES

FIRST, LAST = 2030, 2031
BEGIN, END = datetime(FIRST, 1, 1, tzinfo=UTC), datetime(LAST + 1, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def telling_instants(zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the first of every month, and instants around each change of the clocks."""
    yield from (datetime(year, month, 1, 12, tzinfo=UTC) for year in (FIRST, LAST) for month in range(1, 13))
    for change in changes(zone, BEGIN, END):
        yield from (change.at + step for step in (-2 * HOUR, -SECOND, timedelta(), SECOND, 90 * 60 * SECOND, 3 * HOUR))


def wall_times(zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield (what the clocks show, the instant) where what they show means that instant to everybody."""
    for at in telling_instants(zone):
        shown = at.astimezone(zone)
        if not shown.fold:
            yield shown.replace(tzinfo=None), at


def by_dateutil(text: bytes) -> Any:
    """Return the zone as dateutil reads it: the reader in vobject, and in much else."""
    return tzical(StringIO(text.decode())).get()


def by_icalendar(text: bytes) -> Any:
    """Return the zone as icalendar reads it, without looking up what it knows by that name."""
    zone: Any = Timezone.from_ical(text)
    return zone.to_tz(lookup_tzid=False)


@pytest.mark.parametrize("reader", [by_dateutil, by_icalendar])
def test_every_zone_reads_back_as_it_is(reader: Any) -> None:
    """Of all zones of the IANA database; on days of clock change, to the second."""
    wrong = {}
    for name in sorted(ZONE_NAMES):
        zone, read = ZoneInfo(name), reader(definition(name, FIRST, LAST).to_ical())
        found = [(shown, at) for shown, at in wall_times(zone) if shown.replace(tzinfo=read).astimezone(UTC) != at]
        if found:
            wrong[name] = found
    assert wrong == {}
    assert len(ZONE_NAMES) > 500


def test_every_zone_has_standard_time() -> None:
    for name in ZONE_NAMES:
        shown = definition(name, FIRST, LAST)
        assert shown.standard, name


def lines(name: str) -> list[str]:
    """Return the definition of a zone, line by line."""
    text: str = definition(name, FIRST, LAST).to_ical().decode()
    return text.split("\r\n")[2:-2]


def test_a_yearly_rule_is_written_as_one() -> None:
    """Outlook reads nothing else. Summer time begins at the wall time before the gap (RFC 5545 §3.6.5)."""
    assert lines("America/New_York") == [
        "BEGIN:DAYLIGHT",
        "DTSTART:20290311T020000",
        "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3",
        "TZNAME:EDT",
        "TZOFFSETFROM:-0500",
        "TZOFFSETTO:-0400",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20291104T020000",
        "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11",
        "TZNAME:EST",
        "TZOFFSETFROM:-0400",
        "TZOFFSETTO:-0500",
        "END:STANDARD",
    ]


def test_a_zone_without_changes_has_one_observance() -> None:
    assert lines("Asia/Kolkata") == [
        "BEGIN:STANDARD",
        "DTSTART:20290101T053000",
        "TZNAME:IST",
        "TZOFFSETFROM:+0530",
        "TZOFFSETTO:+0530",
        "END:STANDARD",
    ]


def test_changes_that_follow_the_moon_stand_each_by_itself() -> None:
    """Morocco goes back for Ramadan: no yearly rule. Outlook would not read a list of dates."""
    found = lines("Africa/Casablanca")
    starts = [line.removeprefix("DTSTART:") for line in found if line.startswith("DTSTART")]
    assert starts == [
        "20290114T030000",
        "20291230T030000",
        "20301222T030000",
        "20311214T030000",
        "20321128T030000",
        "20290218T020000",
        "20300210T020000",
        "20310126T020000",
        "20320118T020000",
    ]
    assert not any(line.startswith(("RRULE", "RDATE")) for line in found)


@pytest.mark.parametrize(
    ("name", "winter", "summer"), [("Europe/Dublin", "GMT", "IST"), ("Europe/Berlin", "CET", "CEST")]
)
def test_the_later_clock_is_daylight_saving_time(name: str, winter: str, summer: str) -> None:
    """In Ireland too, by whose law winter is the exception."""
    shown = definition(name, FIRST, LAST)
    assert {str(one["TZNAME"]) for one in shown.standard} == {winter}
    assert {str(one["TZNAME"]) for one in shown.daylight} == {summer}


def test_changes_are_those_of_the_calendar() -> None:
    """The very seconds, of half an hour too."""
    found = [(change.at, change.after) for change in changes(ZoneInfo("Australia/Lord_Howe"), BEGIN, END)]
    assert found == [
        (datetime(2030, 4, 6, 15, tzinfo=UTC), timedelta(hours=10, minutes=30)),
        (datetime(2030, 10, 5, 15, 30, tzinfo=UTC), timedelta(hours=11)),
        (datetime(2031, 4, 5, 15, tzinfo=UTC), timedelta(hours=10, minutes=30)),
        (datetime(2031, 10, 4, 15, 30, tzinfo=UTC), timedelta(hours=11)),
    ]


def test_the_librarys_own_definitions_would_be_wrong() -> None:
    """Why there is a module for it: the control of the tests above. If this fails, look whether it is still needed."""
    berlin = Timezone.from_tzid("Europe/Berlin", first_date=date(FIRST, 1, 1), last_date=date(LAST, 1, 1))
    assert f"{berlin.daylight[0].DTSTART:%d %H:%M}" == "31 03:00"  # RFC 5545 wants 02:00
    casablanca = Timezone.from_tzid("Africa/Casablanca", first_date=date(2026, 1, 1), last_date=date(2028, 1, 1))
    span = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    assert len(list(changes(ZoneInfo("Africa/Casablanca"), *span))) == 4
    assert len(casablanca.standard) + len(casablanca.daylight) - 1 == 2  # one of them is where it begins
