"""Instants and dates as they come in: RFC 3339. Going out, the JSON provider writes UTC with `Z`."""

import re
from datetime import UTC, date, datetime

FIRST_DATE = date(2, 1, 1)
LAST_DATE = date(9998, 12, 31)
"""A year's margin at both ends of the calendar, so that no zone can overflow it. Instants may lie in year 9999 too:
what is so far ahead is refused by the rules of whatever it is asked for."""

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_instant(text: str) -> datetime:
    """Return the instant, aware in UTC. Raises `ValueError` for anything but RFC 3339 §5.6 with an offset."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("not an RFC 3339 instant")
    try:
        at = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error
    if at.date() < FIRST_DATE:
        raise ValueError("outside the calendar")
    return at


def parse_date(text: str) -> date:
    """Return the date. Raises `ValueError` for anything but `YYYY-MM-DD` within the calendar."""
    if not _DATE.fullmatch(text):
        raise ValueError("not a date")
    day = date.fromisoformat(text)
    if not FIRST_DATE <= day <= LAST_DATE:
        raise ValueError("outside the calendar")
    return day
