"""Opening hours on days of every length, against an oracle that walks the clock in UTC."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.diary.openings import days_around, local_date, opening_of, wall_seconds
from app.kit.intervals import to_instant, to_seconds

NEW_YORK, LORD_HOWE = "America/New_York", "Australia/Lord_Howe"


def utc(text: str) -> datetime:
    """Return an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "minutes", "zone", "expected"),
    [
        (date(2030, 3, 10), 150, NEW_YORK, "2030-03-10T07:30"),  # 02:30 does not exist: 03:30
        (date(2030, 11, 3), 90, NEW_YORK, "2030-11-03T05:30"),  # 01:30 twice: the first
        (date(2030, 11, 3), 1440, NEW_YORK, "2030-11-04T05:00"),  # 24:00 of a long day
        (date(2030, 10, 6), 135, LORD_HOWE, "2030-10-05T15:45"),  # a gap of half an hour
        (date(2030, 7, 1), 0, "Pacific/Kiritimati", "2030-06-30T10:00"),
        (date(2030, 7, 1), 0, "Asia/Kathmandu", "2030-06-30T18:15"),
    ],
)
def test_wall_time_becomes_an_instant(day: date, minutes: int, zone: str, expected: str) -> None:
    """A nonexistent time moves forward by the gap, an ambiguous one means its first occurrence."""
    assert to_instant(wall_seconds(day, minutes, zone)) == utc(expected)


def test_openings_past_midnight_and_all_day() -> None:
    """`closes <= opens` ends on the next day; the short and the long day have 23 and 25 hours (TZ-06)."""
    assert opening_of(date(2030, 1, 7), (20 * 60, 2 * 60), "UTC") == (
        to_seconds(utc("2030-01-07T20:00")),
        to_seconds(utc("2030-01-08T02:00")),
    )
    short, long = (opening_of(day, (0, 1440), NEW_YORK) for day in (date(2030, 3, 10), date(2030, 11, 3)))
    assert short is not None
    assert long is not None
    assert ((short[1] - short[0]) / 3600, (long[1] - long[0]) / 3600) == (23, 25)


def test_an_opening_inside_the_gap_is_no_opening() -> None:
    """02:10 to 03:00 on a day that leaves out 02:00-03:00 begins at 03:10, after its end."""
    assert opening_of(date(2030, 3, 10), (130, 180), NEW_YORK) is None


def test_days_around_reaches_back_over_midnight() -> None:
    """The day before belongs to it, since its hours may run past midnight; and the one before that: see below."""
    span = to_seconds(utc("2030-01-07T00:00")), to_seconds(utc("2030-01-08T00:00"))
    assert days_around(span, "UTC") == [date(2030, 1, day) for day in (5, 6, 7, 8)]
    assert local_date(span[0], "Pacific/Pago_Pago") == date(2030, 1, 6)


def test_days_around_reaches_back_over_a_day_that_lacks_its_last_hour() -> None:
    """Nuuk leaves out Saturday's 23:00-24:00: 24 hours from Friday 23:30 last until Sunday 00:30."""
    nuuk, friday, half_past_eleven = "America/Nuuk", date(2030, 3, 29), 23 * 60 + 30
    opened, closed, sunday = (to_seconds(utc(f"2030-03-{at}")) for at in ("30T01:30", "31T01:30", "31T01:00"))
    assert opening_of(friday, (half_past_eleven, half_past_eleven), nuuk) == (opened, closed)
    assert friday in days_around((sunday, sunday + 3600), nuuk)


@pytest.mark.parametrize("zone", ["Europe/Berlin", NEW_YORK, LORD_HOWE, "America/St_Johns", "Africa/Cairo"])
def test_every_clock_change_of_fourteen_years(zone: str) -> None:
    """Each quarter hour of the wall is the first instant at which clocks show it, or the gap's end."""
    for day in days_with_a_change(zone):
        shown = instants_by_wall_clock(day, zone)
        for minutes in range(0, 1440, 15):
            found = to_instant(wall_seconds(day, minutes, zone))
            wall = f"{minutes // 60:02}:{minutes % 60:02}"
            if wall in shown:
                assert found == shown[wall], (zone, day, wall)
            else:
                assert f"{found.astimezone(ZoneInfo(zone)):%H:%M}" > wall, (zone, day, wall)


def days_with_a_change(zone: str) -> list[date]:
    """Return the local dates from 2024 to 2037 that are not 24 hours long."""
    info, days = ZoneInfo(zone), [date(2024, 1, 1) + timedelta(days=n) for n in range(14 * 365)]
    midnights = {day: datetime(day.year, day.month, day.day, tzinfo=info).astimezone(UTC) for day in days}
    return [day for day in days[:-1] if midnights[day + timedelta(days=1)] - midnights[day] != timedelta(hours=24)]


def instants_by_wall_clock(day: date, zone: str) -> dict[str, datetime]:
    """Walk through UTC minute by minute and note when the clocks first show each time of `day`."""
    shown: dict[str, datetime] = {}
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=16)
    for _ in range(46 * 60):
        local = at.astimezone(ZoneInfo(zone))
        if local.date() == day:
            shown.setdefault(f"{local:%H:%M}", at)
        at += timedelta(minutes=1)
    return shown
