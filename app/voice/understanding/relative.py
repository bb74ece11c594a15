"""Rules for what is counted from somewhere: in three days, two weeks from tomorrow, half an hour ago, within a week."""

from datetime import date, timedelta

from app.voice.understanding import almanac
from app.voice.understanding.lengths import length as length_of
from app.voice.understanding.meaning import DAY, Clock, Clocks, Context, Days, Length, Meaning, Step
from app.voice.understanding.rules import Found, Maker, rule


def moved(day: date, length: Length, sign: int = 1) -> date:
    """Return the day `length` after `day`, or before it where `sign` is -1."""
    return almanac.add_months(day, sign * length.months) + sign * timedelta(days=length.days)


def _from_now(sign: int) -> Maker:
    def make(found: Found) -> Meaning | None:
        length = found.meaning("span").length
        if not length:
            return None
        if length.minutes:
            there = found.here.after(sign * length.minutes)
            return Meaning(days=Days.one(there.date()), clocks=Clocks.at(Clock.of(there)))
        return Meaning(days=Days.one(moved(found.here.today, length, sign), Step.GONE if sign < 0 else Step.NEVER))

    return make


def _later(found: Found) -> Meaning | None:
    """Read "two hours later" as from now on; of a booking that is moved it is counted from that, which is not known."""
    return Meaning() if found.here.moving and _is_of_hours(found) else _from_now(1)(found)


def _is_of_hours(found: Found) -> bool:
    length = found.meaning("span").length
    return bool(length and length.minutes)


def _from_date(sign: int) -> Maker:
    def make(found: Found) -> Meaning | None:
        length, days = found.meaning("span").length, found.meaning("date").days
        if not length or not days or length.minutes:
            return None
        return Meaning(days=Days.one(moved(days.anchor, length, sign)))

    return make


def _from_clock(sign: int) -> Maker:
    """Read "15 minutes before 6 pm"."""

    def make(found: Found) -> Meaning | None:
        length, clocks = found.meaning("span").length, found.meaning("clock").clocks
        if not length or not length.minutes or not clocks or not clocks.start or not clocks.exact:
            return None
        whole = clocks.start.readings[-1] + sign * length.minutes
        return Meaning(clocks=Clocks.at(Clock(whole % DAY, sure=clocks.start.sure)))

    return make


def _within(found: Found) -> Meaning | None:
    """Read "within two weeks", "in the next three days"."""
    return _until(found.here, found.meaning("span").length)


def _counted(found: Found) -> Meaning | None:
    """Read "the 3 next weeks", "the next hour"."""
    return _until(found.here, length_of(10 * found.number("count", 1), found.number("unit")))


def _until(here: Context, length: Length | None) -> Meaning | None:
    """Return what lies within `length` of now: minutes from now on, or whole days from tomorrow on."""
    if not length:
        return None
    if length.minutes:
        window = Clocks(Clock.of(here.now), Clock.of(here.after(length.minutes)))
        return Meaning(days=Days.one(here.today), clocks=window)
    return Meaning(days=Days(here.ahead(1), moved(here.today, length)))


NEXT = "NEXT|COMING|FOLLOWING"

COUNTED = (
    rule("DATES", f"(IN|FOR|WITHIN)? THE? count:NUMBER {NEXT} (?=PLURAL) unit:UNIT", _counted),
    rule("DATES", f"(IN|FOR|WITHIN)? THE? {NEXT} unit:HOURS", _counted),
)
RULES = (
    rule("MOMENT", "IN AROUND? span:SPAN", _from_now(1)),
    rule("MOMENT", "span:SPAN FROM NOW|TODAY", _from_now(1)),
    rule("MOMENT", "span:SPAN HENCE", _from_now(1)),
    rule("MOMENT", "span:SPAN LATER", _later),
    rule("MOMENT", "span:SPAN AFTER TODAY", _from_now(1)),
    rule("MOMENT", "span:SPAN AGO", _from_now(-1)),
    rule("DATE", "(?<!FOR) span:SPAN FROM|AFTER date:DATE", _from_date(1)),
    rule("DATE", "span:SPAN BEFORE date:DATE", _from_date(-1)),
    rule("CLOCK", "span:SPAN (FROM|AFTER) clock:CLOCK", _from_clock(1)),
    rule("CLOCK", "span:SPAN BEFORE|TO|UNTIL clock:CLOCK", _from_clock(-1)),
    rule("DATES", "WITHIN THE? (NEXT)? span:SPAN", _within),
    rule("DATES", f"(IN|FOR)? THE? {NEXT} span:SPAN", _within),
    rule("DATES", f"(IN|FOR)? THE? span:SPAN {NEXT}", _within),
)
