"""Rules for lengths of time: three days, half an hour, two and a half hours, a couple of weeks, 2.5 hours."""

from app.voice.understanding import lexicon
from app.voice.understanding.meaning import Length, Meaning
from app.voice.understanding.rules import Found, Maker, rule

MINUTES_OF = {lexicon.MINUTE: 1, lexicon.HOUR: 60}
DAYS_OF = {lexicon.DAY: 1, lexicon.WEEK: 7}
MONTHS_OF = {lexicon.MONTH: 1, lexicon.YEAR: 12}
SOME = 3
"""What "a few" counts."""


def length(tenths: int, unit: int) -> Length | None:
    """Return so many tenths of a unit; None where they are no whole minutes, days or months."""
    months, days, minutes = (table.get(unit, 0) * tenths for table in (MONTHS_OF, DAYS_OF, MINUTES_OF))
    if months % 10 or days % 10:
        return None
    return Length(months // 10, days // 10, minutes // 10)


def _counted(found: Found) -> Meaning | None:
    return _meant(length(10 * found.number("count", 1), found.number("unit")))


def _times(tenths: int) -> Maker:
    return lambda found: _meant(length(tenths + 10 * found.number("count", 0), found.number("unit")))


def _decimal(found: Found) -> Meaning | None:
    whole, tenth = found.written("count")
    return _meant(length(10 * int(whole) + int(tenth), found.number("unit"))) if len(tenth) == 1 else None


def _meant(found: Length | None) -> Meaning | None:
    return Meaning(length=found) if found else None


RULES = (
    rule("SPAN", "(count:NUMBER | A) MORE? unit:UNIT", _counted),
    rule("SPAN", "A? COUPLE OF? MORE? unit:UNIT", _times(20)),
    rule("SPAN", "A? FEW MORE? unit:UNIT", _times(10 * SOME)),
    rule("SPAN", "A? HALF A? unit:HOURS", _times(5)),
    rule("SPAN", "A? QUARTER OF A? unit:HOURS", lambda _found: _meant(Length(minutes=15))),
    rule("SPAN", "(count:NUMBER | A) AND A HALF unit:HOURS", _times(5)),
    rule("SPAN", "A? unit:HOURS AND A HALF", _times(15)),
    rule("SPAN", "count:NUMBER unit:HOURS AND A HALF", _times(5)),
    rule("SPAN", "count:DOTTED unit:HOURS", _decimal),
    rule("SPAN", "A? FORTNIGHT", lambda _found: _meant(Length(days=14))),
)
