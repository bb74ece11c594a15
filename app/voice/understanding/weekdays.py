"""Rules for days by name: today, next Friday, Friday next week, three Fridays from now, the first Monday of May.

"next Friday" is Friday of the next week that begins on a Monday; bare, "this" and "coming" mean the first one after
today.
"""

from dataclasses import replace
from datetime import timedelta

from app.voice.understanding import almanac
from app.voice.understanding.meaning import Days, Meaning, Part, Step
from app.voice.understanding.rules import Found, Maker, rule

LAST = -1


def _ahead(days: int) -> Maker:
    """Return the maker of the day so many days from today."""
    return lambda found: _day(found, days)


def _day(found: Found, ahead: int) -> Meaning:
    return Meaning(days=Days.one(found.here.ahead(ahead), Step.GONE if ahead < 0 else Step.NEVER))


def _tonight(found: Found) -> Meaning | None:
    return replace(_day(found, 0), part=Part.NIGHT)


def _last_night(found: Found) -> Meaning | None:
    return replace(_day(found, -1), part=Part.NIGHT)


def _bare(found: Found) -> Meaning | None:
    return Meaning(days=Days.one(almanac.weekday_after(found.here.today, found.number("weekday")), Step.WEEK))


def _in_week(weeks: int) -> Maker:
    """Return the maker of a weekday of the week so many weeks after this one."""

    def make(found: Found) -> Meaning | None:
        monday = almanac.monday_of(found.here.today) + timedelta(weeks=weeks)
        week = Days(monday, monday + timedelta(days=almanac.SUNDAY))
        return Meaning(days=Days.one(monday + timedelta(days=found.number("weekday"))), within=week)

    return make


def _next(found: Found) -> Meaning | None:
    """Read "next Friday", which names the day alone, and not the week."""
    meaning = _in_week(1)(found)
    return replace(meaning, within=None) if meaning else None


def _last(found: Found) -> Meaning | None:
    return Meaning(days=Days.one(almanac.weekday_before(found.here.today, found.number("weekday")), Step.GONE))


def _further(weeks: int) -> Maker:
    """Return the maker of a weekday so many weeks after the first one after today; `count` adds weeks too."""

    def make(found: Found) -> Meaning | None:
        first = almanac.weekday_after(found.here.today, found.number("weekday"))
        return Meaning(days=Days.one(first + timedelta(weeks=weeks + found.number("count"))))

    return make


def _nth(found: Found) -> Meaning | None:
    """Read "the last Friday of October (2026)" and "the first Monday of next month"."""
    first = almanac.add_months(found.here.today.replace(day=1), int(not found.has("month")))
    if found.has("month"):
        first = almanac.next_month(found.here.today, found.number("month"))
    if found.has("year"):
        first = first.replace(year=found.number("year"))
    nth = LAST if found.has("final") else found.number("nth")
    day = almanac.nth_weekday(first, found.number("weekday"), nth)
    return Meaning(days=Days.one(day, Step.YEAR)) if day else None


NEXT = "NEXT|FOLLOWING"
NTH = "(nth:ORDINAL | final:LAST) weekday:WEEKDAY (OF|IN)"

RULES = (
    rule("DATE", "((EARLIER|LATER) (ON|IN)?)? TODAY", _ahead(0)),
    rule("DATE", "(LATER (ON|IN)?)? TONIGHT", _tonight),
    rule("DATE", "LAST (?=PART) UNIT", _last_night),
    rule("DATE", "TOMORROW", _ahead(1)),
    rule("DATE", "THE? DAYS AFTER TOMORROW", _ahead(2)),
    rule("DATE", "(A|ONE)? WEEK TODAY | TODAY WEEK", _ahead(7)),
    rule("DATE", "(A|ONE)? WEEK TOMORROW | TOMORROW WEEK", _ahead(8)),
    rule("DATE", "YESTERDAY", _ahead(-1)),
    rule("DATE", "THE? DAYS BEFORE YESTERDAY", _ahead(-2)),
    rule("DATE", "(THIS|THE)? COMING? (?!VERB WORD) weekday:WEEKDAY", _bare),
    rule("DATE", f"{NEXT} weekday:WEEKDAY", _next),
    rule("DATE", f"weekday:WEEKDAY ,? (OF|IN|ON)? THE? {NEXT}|COMING WEEK", _in_week(1)),
    rule("DATE", f"THE? {NEXT}|COMING WEEK ,? (ON|OF)? weekday:WEEKDAY", _in_week(1)),
    rule("DATE", "weekday:WEEKDAY ,? (OF|IN)? THE? THIS WEEK", _in_week(0)),
    rule("DATE", "THIS WEEK ,? ON? weekday:WEEKDAY", _in_week(0)),
    rule("DATE", "LAST weekday:WEEKDAY", _last),
    rule("DATE", "weekday:WEEKDAY (OF|IN)? THE? LAST WEEK", _in_week(-1)),
    rule("DATE", "THE? weekday:WEEKDAY AFTER NEXT", _further(1)),
    rule("DATE", "A? WEEK FROM|ON|AFTER THIS? weekday:WEEKDAY", _further(1)),
    rule("DATE", "weekday:WEEKDAY WEEK", _further(1)),
    rule("DATE", "count:NUMBER WEEK FROM THIS? weekday:WEEKDAY", _further(0)),
    rule("DATE", "count:NUMBER weekday:WEEKDAY FROM NOW|TODAY", _further(-1)),
    rule("DATE", f"THE? {NTH} THE? month:MONTH ((OF|IN)? year:YEAR)?", _nth),
    rule("DATE", f"THE? {NTH} THE? {NEXT} MONTHS", _nth),
)
