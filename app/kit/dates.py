"""Dates of the calendar, in order."""

from collections.abc import Iterator
from datetime import date


def dates_between(first: date, last: date) -> Iterator[date]:
    """Yield every date from `first` to `last`, both included; none where `last` is before `first`."""
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
