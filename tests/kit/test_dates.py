"""Dates in order."""

from datetime import date
from itertools import islice

from app.kit.dates import dates_between


def test_both_ends_are_included() -> None:
    """Over the end of a February with 29 days, and for a single date."""
    leap = [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
    assert list(dates_between(leap[0], leap[-1])) == leap
    assert list(dates_between(leap[1], leap[1])) == [leap[1]]


def test_backwards_there_are_none() -> None:
    assert not list(dates_between(date(2028, 3, 1), date(2028, 2, 29)))


def test_up_to_the_ends_of_the_calendar() -> None:
    """They are made as they are asked for: all of them would be millions."""
    everything = dates_between(date.min, date.max)
    assert list(islice(everything, 2)) == [date(1, 1, 1), date(1, 1, 2)]
    assert list(dates_between(date(9999, 12, 30), date.max)) == [date(9999, 12, 30), date.max]
