"""What is understood of a text, in short words for tests."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.voice.understanding import OpeningHours, Slot, Understanding, understand

NAIROBI = ZoneInfo("Africa/Nairobi")
WEDNESDAY = datetime(2026, 3, 4, 9, 0, tzinfo=NAIROBI)


def heard(
    text: str,
    *,
    now: datetime = WEDNESDAY,
    hours: OpeningHours | None = None,
    locale: str = "en-US",
    asked: Slot | None = None,
) -> Understanding:
    """Return what is understood of `text` on Wednesday, 4 March 2026, nine in the morning in Nairobi."""
    return understand(text, now=now, zone=NAIROBI, hours=hours, locale=locale, asked=asked)


def day(text: str, locale: str = "en-US") -> str:
    """Return the date understood: 2026-03-06, a range as 2026-03-06..2026-03-08, "" for none."""
    date = heard(text, locale=locale).date
    if not date:
        return ""
    first, last = date.value.first, date.value.last
    if first == last:
        return str(first)
    return f"{first or ''}..{last or ''}"


def clock(text: str, hours: OpeningHours | None = None) -> str:
    """Return the time understood: 15:00, with others as 08:00/20:00, a window as 14:00-16:00, a part of the day."""
    said = heard(text, hours=hours)
    if said.time:
        return "/".join(f"{at:%H:%M}" for at in (said.time.value, *said.t_alt))
    if said.window:
        return f"{_written(said.window.value.start)}-{_written(said.window.value.end)}"
    return said.daypart.value.value if said.daypart else ""


def _written(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""
