"""Rules for parts of the day, and for hours that they make a time: this morning, afternoon 3, 9 tomorrow evening."""

from dataclasses import replace

from app.voice.understanding import lexicon
from app.voice.understanding.clocks import COUNTS, at, clock
from app.voice.understanding.meaning import Days, Meaning, Part
from app.voice.understanding.rules import Found, rule

PARTS = {
    lexicon.MORNING: Part.MORNING,
    lexicon.NOON: Part.NOON,
    lexicon.AFTERNOON: Part.AFTERNOON,
    lexicon.EVENING: Part.EVENING,
    lexicon.NIGHT: Part.NIGHT,
}
HOURS_A_HALF = 12


def _part(found: Found) -> Meaning | None:
    return Meaning(part=PARTS[found.number("part")], half=found.has("late") - found.has("early"))


def _after_meal(found: Found) -> Meaning | None:
    return Meaning(part=Part.AFTERNOON) if _part(found) == Meaning(part=Part.NOON) else None


def _before_meal(found: Found) -> Meaning | None:
    return Meaning(part=Part.MORNING) if _part(found) == Meaning(part=Part.NOON) else None


def _this_part(found: Found) -> Meaning | None:
    meaning = _part(found)
    return replace(meaning, days=Days.one(found.here.today)) if meaning else None


def _hour_in_part(found: Found) -> Meaning | None:
    time = at(clock(found.number("hour"), 0))
    return replace(time, part=PARTS[found.number("part")], days=_day(found)) if time else None


def _clock_in_part(found: Found) -> Meaning | None:
    return replace(found.meaning("clock"), part=PARTS[found.number("part")], days=_day(found))


def _day(found: Found) -> Days | None:
    """Return the day named with a part of the day: today for "this evening"."""
    return Days.one(found.here.today) if found.has("this") else found.meaning("date").days


def _hour_that_part(found: Found) -> Meaning | None:
    """Read "8 tonight": the date itself names the part of the day."""
    date, hour = found.meaning("date"), at(clock(found.number("hour"), 0))
    return replace(date, clocks=hour.clocks) if hour and date.part else None


def _hour(found: Found) -> Meaning | None:
    return at(clock(found.number("hour"), 0))


def _around_hour(found: Found) -> Meaning | None:
    return _hour(found) if 0 < found.number("hour") <= HOURS_A_HALF else None


def _nothing(_found: Found) -> Meaning | None:
    return Meaning()


def _closing(found: Found) -> Meaning | None:
    """Read "that's all for today", "how are you today" as saying nothing of a date."""
    days = found.meaning("date").days
    return Meaning() if days and days.single and days.anchor == found.here.today else None


NO_COUNT = f"(?!{COUNTS}) (?!WORD NAMED) (?!WORD WORD NAMED)"
PART = "(THE | this:THIS)? (EARLY|LATE)? part:PART"

RULES = (
    rule("DAYPART", "IN? THE? (early:EARLY | late:LATE|LATER (IN|ON)? THE?)? part:PART", _part),
    rule("DATE", "(early:EARLY | late:LATE|LATER)? THIS part:PART", _this_part),
    rule("DAYPART", "(AT|AROUND|IN|BEFORE|AFTER|UNTIL) part:MEAL", _part),
    rule("DAYPART", "AFTER part:MEAL", _after_meal, bonus=0.5),
    rule("DAYPART", "BEFORE part:MEAL", _before_meal, bonus=0.5),
    rule("DAYPART", "part:MEAL (?=DATE)", _part),
    rule("DAYPART", "(?<=DATE) FOR? part:MEAL (?!WORD)", _part),
    rule("CLOCK", f"(?!ONE PART) hour:HOUR ,? (IN|AT|ON)? {PART}", _hour_in_part, bonus=0.2),
    rule("CLOCK", f"IN? {PART} ,? (AT|BY|FOR)? AROUND? clock:CLOCK", _clock_in_part, bonus=0.5),
    rule("CLOCK", f"IN? {PART} ,? (AT|BY)? AROUND? hour:HOUR {NO_COUNT} (?!MONTH)", _hour_in_part),
    rule("CLOCK", "hour:HOUR date:DATE IN? THE? part:PART", _hour_in_part),
    rule("CLOCK", "hour:HOUR ,? date:DATE", _hour_that_part),
    rule("CLOCK", f"date:DATE ,? (AT|BY)? AROUND? hour:HOUR {NO_COUNT}", _hour_that_part),
    rule("CLOCK", f"AT AROUND? hour:HOUR {NO_COUNT}", _hour),
    rule("CLOCK", f"AROUND (?!ONE (IN|OF|WORD)) hour:HOUR {NO_COUNT}", _around_hour),
    rule("CLOCK", "(?<!FOR|MONTH) hour:HOUR (?=ANYWAY)", _hour),
    rule("NONE", "SEE YOU WORD? (ON|AT)? DATE|PERIOD", _nothing, bonus=2),
    rule(
        "NONE",
        "(ALL | IS WORD | HELP YOU? | HELP WORD WORD? | YOU WORD? | ALL THE HELP . WORD?) FOR? date:DATE",
        _closing,
        bonus=2,
    ),
    rule("NONE", "A? GOOD A? PART|DAYS|WEEKEND|UNIT", _nothing, bonus=2),
    rule("NONE", "HAVE A GOOD? PART|DAYS|WEEKEND", _nothing, bonus=2),
)
