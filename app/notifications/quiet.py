"""When nobody is reminded of anything: by night, on the clocks of whoever it is for. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.extensions import business

EVENING_BEFORE = timedelta(hours=1)
"""So long before the quiet hours begin, people are told in the evening what cannot wait for the morning."""

ONE_DAY = timedelta(days=1)


def is_quiet(at: datetime, zone_name: str) -> bool:
    """Say whether an instant lies in the quiet hours of a zone."""
    begin, end = business.quiet_hours
    clock = at.astimezone(ZoneInfo(zone_name)).time()
    return begin <= clock < end if begin <= end else clock >= begin or clock < end


def longest_night() -> timedelta:
    """Return for how long it is quiet, and as much before it as somebody may have to be told early."""
    begin, end = (timedelta(hours=one.hour, minutes=one.minute) for one in business.quiet_hours)
    return (end - begin) % ONE_DAY + EVENING_BEFORE


def moment_of(wanted: datetime, starts_at: datetime, zone_name: str, *, may_be_early: bool) -> datetime | None:
    """Return when to remind of something that starts at `starts_at`, wanted at an instant that may lie in the night.

    By night it is put off to the morning, if that is still before the start; else, if it `may_be_early`, it is told
    the evening before; else not at all.
    """
    if not is_quiet(wanted, zone_name):
        return wanted
    evening, morning = _night_around(wanted, ZoneInfo(zone_name))
    if morning < starts_at:
        return morning
    return evening - EVENING_BEFORE if may_be_early else None


def _night_around(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the night that `at` lies in began, and when it ends."""
    begin, end = business.quiet_hours
    local = at.astimezone(zone)
    evening_day = local.date() if local.time() >= begin else local.date() - ONE_DAY
    morning_day = evening_day if begin <= end else evening_day + ONE_DAY
    return datetime.combine(evening_day, begin, zone), datetime.combine(morning_day, end, zone)
