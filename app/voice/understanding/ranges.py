"""Rules for ranges and limits: from 2 to 4, Friday till Sunday, 4 pm for an hour, before noon, after Tuesday, by 5."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from app.voice.understanding import almanac
from app.voice.understanding.clocks import COUNTS, bare_hour, clock
from app.voice.understanding.dates import THROUGH
from app.voice.understanding.meaning import DAY, HALF_DAY, Clock, Clocks, Days, Limit, Meaning, Step
from app.voice.understanding.rules import Found, rule


def _clock(found: Found, name: str) -> Clock | None:
    """Return the time `name`: one that was read, or a bare hour."""
    if not isinstance(found.value(name), Meaning):
        return clock(found.number(name), 0)
    clocks = found.meaning(name).clocks
    return clocks.start if clocks and clocks.exact else None


def paired(start: Clock, end: Clock) -> tuple[Clock, Clock]:
    """Return both with what the one says of the other: "9 to 5 pm" begins at 9 am, "3 to 5 pm" at 3 pm."""
    if start.sure and not end.sure:
        return start, _nearest(end, lambda minutes: (minutes - start.minutes) % DAY or DAY)
    if end.sure and not start.sure:
        return _nearest(start, lambda minutes: (end.minutes - minutes) % DAY or DAY), end
    return start, end


def _nearest(unsure: Clock, distance: Callable[[int], int]) -> Clock:
    return Clock(min(unsure.readings, key=distance), sure=True)


def _window(found: Found) -> Meaning | None:
    start, end = _clock(found, "start"), _clock(found, "end")
    if not start or not end:
        return None
    start, end = paired(start, end)
    return replace(_both(found), clocks=Clocks(start, end))


def _both(found: Found) -> Meaning:
    """Return the days and the part of the day that either end of a window names."""
    start, end = found.meaning("start"), found.meaning("end")
    return Meaning(days=start.days or end.days, part=end.part or start.part)


def _until_clock_from_now(found: Found) -> Meaning | None:
    start, end = Clock.of(found.here.now), _clock(found, "end")
    return Meaning(days=Days.one(found.here.today), clocks=Clocks(*paired(start, end))) if end else None


def _lasting(found: Found) -> Meaning | None:
    """Read "4 pm for 30 minutes"."""
    start, length = _clock(found, "clock"), found.meaning("span").length
    if not start or not length or not length.minutes:
        return None
    end = (start.minutes + length.minutes) % (DAY if start.sure else HALF_DAY)
    return replace(found.meaning("clock"), clocks=Clocks(start, Clock(end, sure=start.sure)))


def _dates_lasting(found: Found) -> Meaning | None:
    """Read "for three days starting from Monday"."""
    length, days = found.meaning("span").length, found.meaning("date").days
    if not length or not days or length.minutes:
        return None
    end = almanac.add_months(days.anchor, length.months) + timedelta(days=length.days - 1)
    return Meaning(days=Days(days.anchor, end))


def _dates(found: Found) -> Meaning | None:
    """Read "Friday till Sunday": the end is the first such day not before the beginning."""
    start, end = found.meaning("start").days, found.meaning("end").days
    if not start or not end or not start.first or not end.last:
        return None
    last = _not_before(end.last, end.step, start.first)
    return Meaning(days=Days(start.first, last)) if last else None


def _not_before(last: date, step: Step, first: date) -> date | None:
    """Return the first of the days that come again like `last` that is not before `first`; None: there is none."""
    while last < first and step is not Step.NEVER:
        months = {Step.MONTH: 1, Step.YEAR: almanac.MONTHS_A_YEAR}.get(step, 0)
        last = almanac.add_months(last, months) if months else last + timedelta(weeks=1)
    return last if last >= first else None


def _from_now_to(found: Found) -> Meaning | None:
    end = found.meaning("end").days
    return Meaning(days=Days(found.here.today, end.last)) if end else None


def _until(found: Found) -> Meaning | None:
    end = _clock(found, "clock")
    return replace(found.meaning("clock"), clocks=Clocks(None, end)) if end else None


def _since(found: Found) -> Meaning | None:
    start = _clock(found, "clock")
    return replace(found.meaning("clock"), clocks=Clocks(start, None)) if start else None


def _dates_until(found: Found) -> Meaning | None:
    days = found.meaning("date").days
    return replace(found.meaning("date"), days=Days(None, days.last, limit=Limit.BEFORE)) if days else None


def _dates_before(found: Found) -> Meaning | None:
    days = found.meaning("date").days
    if not days or not days.first:
        return None
    return Meaning(days=Days(None, days.first - timedelta(days=1), limit=Limit.BEFORE))


def _dates_since(found: Found) -> Meaning | None:
    days = found.meaning("date").days
    return replace(found.meaning("date"), days=Days(days.first, None, limit=Limit.SINCE)) if days else None


def _dates_after(found: Found) -> Meaning | None:
    days = found.meaning("date").days
    if not days or not days.last:
        return None
    if days.single:
        return Meaning(days=Days(days.last, None, limit=Limit.AFTER))
    return Meaning(days=Days(days.last + timedelta(days=1), None, limit=Limit.SINCE))


TIME = "CLOCK|HOUR"
DATE = "date:DATE|PERIOD|MOMENT"
NO_COUNT = f"(?!{COUNTS}|DATES|MERIDIEM)"


def _both_ends(found: Found) -> Meaning | None:
    """Read "after 5 but before 8" as one window."""
    first, second = found.meaning("first").clocks, found.meaning("second").clocks
    if not first or not second or first.exact or second.exact:
        return None
    start, end = first.start or second.start, first.end or second.end
    both = start and end and not (first.start and first.end) and not (second.start and second.end)
    return replace(found.meaning("first"), clocks=Clocks(*paired(start, end))) if both and start and end else None


RULES = (
    rule("CLOCKS", f"FROM? start:{TIME} {THROUGH} AROUND? end:CLOCK", _window),
    rule("CLOCKS", f"FROM? start:CLOCK {THROUGH} AROUND? end:HOUR {NO_COUNT}", _window),
    rule("CLOCKS", f"BETWEEN AROUND? start:{TIME} AND|TO|DASH AROUND? end:{TIME} ISH? {NO_COUNT}", _window),
    rule("CLOCKS", f"FROM AROUND? start:HOUR {THROUGH} end:HOUR {NO_COUNT}", _window),
    rule("CLOCKS", "AT? start:HOUR DASH|THROUGH end:HOUR (?=ON? DATE|PERIOD)", _window),
    rule("CLOCKS", f"(?<=DATE|DAYPART) ,? start:HOUR {THROUGH} end:HOUR {NO_COUNT}", _window),
    rule("CLOCKS", f"^ start:HOUR {THROUGH} end:HOUR $", _window),
    rule("CLOCKS", f"BETWEEN|FROM NOW AND|TO|UNTIL end:{TIME} {NO_COUNT}", _until_clock_from_now),
    rule("CLOCKS", "clock:CLOCK FOR AROUND? span:SPAN", _lasting),
    rule("CLOCKS", f"FOR? AROUND? span:SPAN STARTING|FROM|AT (FROM|AT)? clock:{TIME} {NO_COUNT}", _lasting, bonus=0.5),
    rule("CLOCKS", f"(FROM|STARTING) (AT|FROM)? clock:{TIME} FOR AROUND? span:SPAN", _lasting),
    rule("CLOCK", f"(?<=CLOCK OR) AT? hour:HOUR {NO_COUNT}", bare_hour),
    rule("DATES", "FOR span:SPAN STARTING? (ON|FROM)? date:DATE", _dates_lasting),
    rule("DATES", "A? span:SPAN STARTING (ON|FROM)? date:DATE", _dates_lasting),
    rule("DATES", "STARTING? (ON|FROM)? date:DATE FOR span:SPAN", _dates_lasting),
    rule("DATES", f"FROM? start:DATE|PERIOD|MOMENT {THROUGH} end:DATE|PERIOD|MOMENT", _dates),
    rule("DATES", "BETWEEN start:DATE|PERIOD AND end:DATE|PERIOD", _dates),
    rule("DATES", "FROM NOW TO|UNTIL end:DATE|PERIOD", _from_now_to),
    rule("CLOCKS", f"(EARLIER|BEFORE THAN|TO | UP TO) clock:{TIME} {NO_COUNT}", _until),
    rule("CLOCKS", f"BEFORE|UNTIL|BY|THROUGH (AT|AROUND)? clock:{TIME} {NO_COUNT}", _until),
    rule("CLOCKS", f"NO|NOT LATER THAN clock:{TIME} {NO_COUNT}", _until),
    rule("CLOCKS", "clock:CLOCK (AT THE LATEST | OR EARLIER)", _until),
    rule("CLOCKS", f"AFTER|SINCE|FROM|STARTING (AT|AROUND|FROM)? clock:{TIME} ONWARDS? {NO_COUNT}", _since),
    rule("CLOCKS", f"LATER THAN clock:{TIME} {NO_COUNT}", _since),
    rule("CLOCKS", f"NO|NOT (BEFORE | EARLIER THAN) clock:{TIME} {NO_COUNT}", _since),
    rule("CLOCKS", f"CANNOT|NOT WORD? UNTIL|BEFORE clock:{TIME} {NO_COUNT}", _since),
    rule("CLOCKS", "clock:CLOCK ((OR|AND) ONWARDS | LATER)", _since),
    rule("DATES", f"UNTIL|BY|THROUGH ON? {DATE}", _dates_until),
    rule("DATES", f"NO|NOT LATER THAN {DATE}", _dates_until),
    rule("DATES", f"BEFORE {DATE}", _dates_before),
    rule("DATES", f"SINCE|FROM|STARTING (ON|FROM)? {DATE} ONWARDS?", _dates_since),
    rule("DATES", f"{DATE} OR ONWARDS (?!THE? DATE|PERIOD)", _dates_since),
    rule("DATES", f"AFTER {DATE}", _dates_after),
)
JOINED = (rule("CLOCKS", "first:CLOCKS (AND|BUT|COMMA)? (AND|BUT)? second:CLOCKS", _both_ends),)
"""Applied to what `RULES` made."""
