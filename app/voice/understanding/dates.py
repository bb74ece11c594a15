"""Rules for dates by number: the 5th, May 5, 5/7, 2026-05-05, the 20th of next month, July 13 to 15."""

from datetime import date

from app.voice.understanding import almanac
from app.voice.understanding.clocks import COUNTS
from app.voice.understanding.meaning import Context, Days, Meaning, Problem, Step
from app.voice.understanding.rules import Found, rule
from app.voice.understanding.tokens import YEARS

CENTURY = 2000
SHORT_YEARS = 100
SOON = 62
"""How many days ahead a weekday and a bare number may meet: "friday 23"."""


def day_of(here: Context, year: int | None, month: int, number: int) -> Days | None:
    """Return the date; without a year the next one, today included. None where there is none."""
    if year is None:
        coming = almanac.next_of_year(here.today, month, number)
        return Days.one(coming, Step.YEAR) if coming else None
    return Days.one(date(year, month, number)) if almanac.exists(year, month, number) else None


def numbered(here: Context, number: int, weekday: int | None = None) -> Days | None:
    """Return the next day with that number in its month, today included, on that weekday where one is named."""
    try:
        found = almanac.next_numbered(here.today, number, weekday)
    except ValueError:
        return None
    return Days.one(found, Step.MONTH if weekday is None else Step.NEVER)


def meant(days: Days | None) -> Meaning | None:
    """Return what it means to name these days; None where there are none."""
    return Meaning(days=days) if days else None


def _named(days: Days | None) -> Meaning:
    """Return what it means to name these days in full; none are counted from where the calendar may end."""
    if not days:
        return Meaning(problem=Problem.IMPOSSIBLE)
    if days.anchor.year not in YEARS:
        return Meaning(problem=Problem.PAST if days.anchor.year < YEARS.start else Problem.FAR)
    return Meaning(days=days)


def _impossible(_found: Found) -> Meaning | None:
    return Meaning(problem=Problem.IMPOSSIBLE)


def _too_far(_found: Found) -> Meaning | None:
    return Meaning(problem=Problem.FAR)


def _weekday(found: Found) -> int | None:
    return found.number("weekday") if found.has("weekday") else None


def _year(found: Found) -> int | None:
    return found.number("year") if found.has("year") else None


def _of_month(found: Found) -> Meaning | None:
    days = day_of(found.here, _year(found), found.number("month"), found.number("day"))
    return _named(days)


def _numbered(found: Found) -> Meaning | None:
    return meant(numbered(found.here, found.number("day"), _weekday(found)))


def _numbered_soon(found: Found) -> Meaning | None:
    """Read "friday 23" where a Friday the 23rd is near; "friday 4" may as well be a time."""
    meaning = _numbered(found)
    near = meaning and meaning.days and (meaning.days.anchor - found.here.today).days <= SOON
    return meaning if near else None


def _in_next_month(found: Found) -> Meaning | None:
    month = almanac.add_months(found.here.today.replace(day=1), 1)
    return _named(day_of(found.here, month.year, month.month, found.number("day")))


def _in_this_month(found: Found) -> Meaning | None:
    return _named(day_of(found.here, found.here.today.year, found.here.today.month, found.number("day")))


def _iso(found: Found) -> Meaning | None:
    year, month, number = found.figures("written")
    return _named(day_of(found.here, year, month, number))


def _full_year(written: str) -> int:
    return int(written) + (CENTURY if int(written) < SHORT_YEARS else 0)


def _numeric(found: Found) -> Meaning | None:
    first, second = found.figures("written")[:2]
    return _named(_either_order(found.here, first, second, _full_year(found.written("written")[2])))


def _short(found: Found) -> Meaning | None:
    first, second = found.figures("written")
    return meant(_either_order(found.here, first, second, None))


def _dashed(found: Found) -> Meaning | None:
    return meant(_either_order(found.here, found.number("first"), found.number("second"), None))


def _either_order(here: Context, first: int, second: int, year: int | None) -> Days | None:
    """Return the date in the order of the locale; in the other one where only that makes a date."""
    month, day = (first, second) if here.month_first else (second, first)
    return day_of(here, year, month, day) or day_of(here, year, day, month)


def _run(found: Found) -> Meaning | None:
    """Read days of one month: July 13 to 15."""
    last = day_of(found.here, _year(found), found.number("month"), found.number("last"))
    first = last and day_of(found.here, last.anchor.year, last.anchor.month, found.number("first"))
    return _from_to(first, last, Step.YEAR if not found.has("year") else Step.NEVER)


def _numbered_run(found: Found) -> Meaning | None:
    """Read days of any month: the 13th to the 15th, or from the 28th to the 3rd."""
    first = numbered(found.here, found.number("first"))
    last = first and Days.one(almanac.next_numbered(first.anchor, found.number("last")))
    return _from_to(first, last, Step.MONTH)


def _from_to(first: Days | None, last: Days | None, step: Step) -> Meaning | None:
    if not first or not last or last.anchor < first.anchor:
        return None
    return Meaning(days=Days(first.anchor, last.anchor, step))


DAY = "day:DAYNUMBER|ORDINAL"
MONTH = "month:MONTH DOT?"
YEAR = "(,? (OF|IN)? year:YEAR (?!MERIDIEM|OCLOCK))?"
WEEKDAY = "(WEEKDAY DOT? ,? ON?)?"
NO_TIME = "(?!MERIDIEM|OCLOCK|ISH|H)"
FIRST, LAST = "first:DAYNUMBER|ORDINAL", "last:DAYNUMBER|ORDINAL"
THROUGH = "TO|DASH|UNTIL|THROUGH"

RULES = (
    rule("DATE", f"{WEEKDAY} THE? {DAY} ,? (DAYS? OF)? ,? {MONTH} {YEAR}", _of_month),
    rule("DATE", f"{WEEKDAY} {MONTH} ,? THE? {DAY} {NO_TIME} {YEAR}", _of_month),
    rule("DATE", "weekday:WEEKDAY DOT? ,? ON? THE? day:ORDINAL", _numbered),
    rule("DATE", f"weekday:WEEKDAY THE? day:DAYNUMBER {NO_TIME} (?!DASH|TO|MINUTE|{COUNTS})", _numbered_soon),
    rule("DATE", f"{WEEKDAY} {MONTH} ,? THE? NODAY", _impossible),
    rule("DATE", f"{WEEKDAY} THE? NODAY OF? ,? {MONTH}", _impossible),
    rule("DATE", "(?<=ON) THE NODAY (?!NAMED|WORD|PEOPLE)", _impossible),
    rule("DATE", f"{WEEKDAY} THE? {DAY} ,? OF? ,? {MONTH} ,? (OF|IN)? FARYEAR", _too_far),
    rule("DATE", f"{WEEKDAY} {MONTH} ,? THE? {DAY} ,? (OF|IN)? FARYEAR", _too_far),
    rule("DATE", "IN AROUND? HUGE UNIT", _too_far),
    rule("DATE", "HUGE UNIT FROM NOW|TODAY", _too_far),
    rule("DATE", f"THE? {DAY} ,? OF THE? COMING? MONTHS", _numbered),
    rule("DATE", f"THE? {DAY} ,? OF THIS MONTHS", _in_this_month),
    rule("DATE", f"THE? {DAY} ,? (OF|IN)? THE? NEXT|FOLLOWING MONTHS", _in_next_month),
    rule("DATE", "THE? day:FIGURE (?!NAMED)", _numbered),
    rule("DATE", "(?<=ON|FOR|TO|UNTIL|FROM|BY) THE day:WRITTEN (?!NAMED|WORD|WEEKDAY|DAYS|WEEK|PEOPLE)", _numbered),
    rule("DATE", f"(?<=ON) THE day:DAYNUMBER {NO_TIME} (?!{COUNTS})", _numbered),
    rule("DATE", f"{WEEKDAY} written:ISO", _iso),
    rule("DATE", f"{WEEKDAY} written:NUMERIC", _numeric),
    rule("DATE", f"{WEEKDAY} written:SLASHED (?!PEOPLE|UNIT)", _short),
    rule("DATE", "(THIS|NEXT)? WEEKDAY DOT? ,? written:DOTTED (?!MERIDIEM)", _short),
    rule("DATE", "(?<=ON) written:DOTTED (?!MERIDIEM)", _short, bonus=0.5),
    rule("DATE", "^ ON? first:DAYNUMBER DASH second:DAYNUMBER DOT? $", _dashed, bonus=1),
    rule("DATES", f"(FROM|BETWEEN)? THE? {FIRST} {THROUGH}|AND THE? {LAST} ,? OF? ,? {MONTH} {YEAR}", _run),
    rule("DATES", f"(FROM|BETWEEN)? {MONTH} THE? {FIRST} {THROUGH}|AND THE? {LAST} {NO_TIME} (?!MONTH) {YEAR}", _run),
    rule("DATES", f"(FROM)? THE? first:FIGURE {THROUGH} THE? last:FIGURE", _numbered_run),
    rule("DATES", "BETWEEN THE? first:ORDINAL AND THE? last:ORDINAL", _numbered_run),
    rule("DATES", f"FROM THE? first:ORDINAL {THROUGH} THE? last:ORDINAL", _numbered_run),
)
