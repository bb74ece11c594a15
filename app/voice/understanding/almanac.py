"""Arithmetic of dates. Weekdays count from 0, Monday."""

from calendar import monthrange
from datetime import date, timedelta

MONTHS_A_YEAR, DAYS_A_WEEK = 12, 7
SATURDAY, SUNDAY = 5, 6


def monday_of(day: date) -> date:
    """Return the Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def weekday_after(day: date, weekday: int) -> date:
    """Return the first `weekday` after `day`."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % DAYS_A_WEEK + 1)


def weekday_before(day: date, weekday: int) -> date:
    """Return the last `weekday` before `day`."""
    return day - timedelta(days=(day.weekday() - weekday - 1) % DAYS_A_WEEK + 1)


def exists(year: int, month: int, number: int) -> bool:
    """Say whether there is such a date."""
    return date.min.year <= year <= date.max.year and 1 <= month <= MONTHS_A_YEAR and 1 <= number <= length(year, month)


def length(year: int, month: int) -> int:
    """Return how many days a month has."""
    return monthrange(year, month)[1]


def last_of_month(day: date) -> date:
    """Return the last day of the month of `day`."""
    return day.replace(day=length(day.year, day.month))


def add_months(day: date, months: int) -> date:
    """Return the same day of the month so many months later; the last of a month that is too short."""
    years, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    return date(years, month + 1, min(day.day, length(years, month + 1)))


def next_numbered(day: date, number: int, weekday: int | None = None) -> date:
    """Return the first date from `day` on with that number in its month, on that weekday where one is given."""
    first = day.replace(day=1)
    for months in range(MONTHS_A_YEAR * 12):
        month = add_months(first, months)
        if number <= length(month.year, month.month):
            found = month.replace(day=number)
            if found >= day and weekday in {None, found.weekday()}:
                return found
    raise ValueError(f"No month has a day {number}.")


def next_of_year(day: date, month: int, number: int) -> date | None:
    """Return the first such date from `day` on; None where no year has it."""
    years = (year for year in range(day.year, day.year + 9) if exists(year, month, number))
    return next((found for year in years if (found := date(year, month, number)) >= day), None)


def next_month(day: date, month: int) -> date:
    """Return the first day of the next such month that is not over on `day`."""
    return date(day.year + (month < day.month), month, 1)


def nth_weekday(first: date, weekday: int, nth: int) -> date | None:
    """Return the `nth` such weekday of the month that begins on `first`, -1 the last; None where it has not so many."""
    if nth < 0:
        return weekday_before(add_months(first, 1), weekday)
    found = weekday_after(first - timedelta(days=1), weekday) + timedelta(weeks=nth - 1)
    return found if found.month == first.month else None


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's algorithm)."""
    century, rest = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    days = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (year % 19 + 11 * moon + 22 * days) // 451
    month, day = divmod(moon + days - 7 * shift + 114, 31)
    return date(year, month, day + 1)
