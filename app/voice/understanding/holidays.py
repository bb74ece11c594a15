"""Rules for days that have a name: Christmas Eve, New Year's Day, three days after Easter."""

from datetime import date, timedelta

from app.voice.understanding import almanac
from app.voice.understanding.meaning import Days, Meaning, Step
from app.voice.understanding.rules import Found, Maker, rule


def _fixed(month: int, day: int) -> Maker:
    """Return the maker of a holiday that is on the same date each year."""

    def make(found: Found) -> Meaning | None:
        if found.has("year"):
            return Meaning(days=Days.one(date(found.number("year"), month, day)))
        coming = almanac.next_of_year(found.here.today, month, day)
        return Meaning(days=Days.one(coming, Step.YEAR)) if coming else None

    return make


def _after_easter(days: int) -> Maker:
    """Return the maker of a holiday so many days after Easter Sunday."""

    def make(found: Found) -> Meaning | None:
        today = found.here.today
        years = (found.number("year"),) if found.has("year") else (today.year, today.year + 1)
        feasts = (almanac.easter(year) + timedelta(days=days) for year in years)
        coming = next((feast for feast in feasts if feast >= today or found.has("year")), None)
        return Meaning(days=Days.one(coming, Step.YEAR)) if coming else None

    return make


YEAR = "(,? (OF|IN)? year:YEAR)?"

RULES = (
    rule("DATE", f"CHRISTMAS DAYS? {YEAR}", _fixed(12, 25)),
    rule("DATE", f"CHRISTMAS EVE {YEAR}", _fixed(12, 24)),
    rule("DATE", f"BOXING DAYS {YEAR}", _fixed(12, 26)),
    rule("DATE", f"NEW YEARS DAYS {YEAR}", _fixed(1, 1)),
    rule("DATE", f"NEW YEARS EVE {YEAR}", _fixed(12, 31)),
    rule("DATE", f"VALENTINE DAYS? {YEAR}", _fixed(2, 14)),
    rule("DATE", f"HALLOWEEN {YEAR}", _fixed(10, 31)),
    rule("DATE", f"EASTER (WEEKDAY|DAYS)? {YEAR}", _after_easter(0)),
    rule("DATE", f"EASTER MONDAY {YEAR}", _after_easter(1), bonus=0.5),
)
