"""Rules for times of day: 3 pm, 15:30, half past ten, a quarter to noon, ten thirty."""

from app.voice.understanding.meaning import DAY, HALF_DAY, Clock, Clocks, Meaning
from app.voice.understanding.rules import Found, Maker, rule
from app.voice.understanding.tokens import HOURS_A_DAY, MINUTES_AN_HOUR

PM = 1
STEP = 5
"""Minutes: times without am or pm are only read from bare figures where they are such round ones."""
SURE_HOUR = 12
"""Above it a figure with an h is a time ("15h"), below it may be a length of time ("in 2h")."""


def clock(hour: int, minute: int, half: int | None = None) -> Clock | None:
    """Return the time of day; `half`: 0 am, 1 pm, None unsaid. None where there is no such time."""
    if not (0 <= hour <= HOURS_A_DAY and 0 <= minute < MINUTES_AN_HOUR):
        return None
    minutes = hour % HOURS_A_DAY * MINUTES_AN_HOUR + minute
    if minutes >= 13 * MINUTES_AN_HOUR or hour in {0, HOURS_A_DAY}:
        return Clock((minutes + HALF_DAY) % (2 * HALF_DAY) if half == PM and not hour else minutes, sure=True)
    if half is None:
        return Clock(minutes % HALF_DAY, sure=False)
    return Clock(minutes % HALF_DAY + HALF_DAY * half, sure=True)


def at(found: Clock | None) -> Meaning | None:
    """Return what it means to name a time; None where there is none."""
    return Meaning(clocks=Clocks.at(found)) if found else None


def _half(found: Found) -> int | None:
    if found.has("noon") or found.has("midnight"):
        return int(found.has("noon"))
    return found.number("half") if found.has("half") else None


def _whole(found: Found) -> Clock | None:
    """Return the full hour named, of which noon and midnight are two."""
    named = found.has("noon") or found.has("midnight")
    return clock(12 if named else found.number("hour"), 0, _half(found))


def _hour(found: Found) -> Meaning | None:
    return at(_whole(found))


def _pair(found: Found) -> Meaning | None:
    return at(clock(found.number("hour"), found.number("minute"), _half(found)))


def bare_hour(found: Found) -> Meaning | None:
    """Read the full hour that is only a figure: the 4 of "at 3 or 4"."""
    return at(clock(found.number("hour"), 0))


def _round_pair(found: Found) -> Meaning | None:
    return None if found.number("minute") % STEP or not found.number("hour") else _pair(found)


def _spelled_pair(found: Found) -> Meaning | None:
    return _pair(found) if found.has("hour") and found.number("hour") else None


def _french(found: Found) -> Meaning | None:
    hour = found.number("hour")
    return at(clock(hour, found.number("minute"))) if found.has("minute") or hour > SURE_HOUR else None


def _packed(found: Found) -> Meaning | None:
    return at(clock(*divmod(found.number("packed"), 100), _half(found)))


def _bare_packed(found: Found) -> Meaning | None:
    """Read "1030" without am or pm; "1512 Barber Shop" is no time that anybody books."""
    return None if found.number("packed") % STEP else _packed(found)


def _figures(found: Found) -> Meaning | None:
    hour, minute = found.figures("time")[:2]
    return at(clock(hour, minute, _half(found)))


def _dotted(found: Found) -> Meaning | None:
    return _figures(found) if len(found.written("time")[1]) > 1 else None


def _shifted(minutes: int) -> Maker:
    """Return the maker of a time so many minutes after an hour, or before it; times `count` where one is named."""

    def make(found: Found) -> Meaning | None:
        whole = _whole(found)
        moved = (whole.minutes + minutes * found.number("count", 1)) % (DAY if whole.sure else HALF_DAY) if whole else 0
        return at(Clock(moved, sure=whole.sure)) if whole else None

    return make


def _descending(found: Found) -> Meaning | None:
    """Read "10 to 8" as 7:50, and leave "8 to 10" to be a range."""
    return _shifted(-1)(found) if not found.has("hour") or found.number("count") > found.number("hour") else None


def _fixed(minutes: int) -> Maker:
    return lambda _found: at(Clock(minutes, sure=True))


HOUR = "(hour:HOUR H? OCLOCK? ((IN THE)? half:MERIDIEM)? | noon:NOON | midnight:MIDNIGHT)"
TELLS = "(?<=AT|AROUND|BY|BEFORE|AFTER|SINCE|UNTIL|FROM|BETWEEN|TO|STARTING)"
COUNTS = "PEOPLE|UNIT|MONTH|OF|RATED|SLASHED|ORDINAL|PAST|PACKED"
BEHIND = f"((?=PART) | (?!{COUNTS}))"
MIDDAY, MIDNIGHT = HALF_DAY, 0

RULES = (
    rule("CLOCK", "time:COLON OCLOCK? ISH? ((IN THE)? half:MERIDIEM | HOURS|H)?", _figures),
    rule("CLOCK", "hour:HOUR OCLOCK? ISH? (IN THE)? half:MERIDIEM", _hour),
    rule("CLOCK", "hour:HOUR (OCLOCK ISH? | ISH)", _hour),
    rule("CLOCK", "hour:HOUR minute:MINUTE OCLOCK? half:MERIDIEM", _pair),
    rule("CLOCK", f"{TELLS} hour:HOUR minute:MINUTE MINUTES? (?!{COUNTS})", _pair),
    rule("CLOCK", "hour:HOUR minute:MINUTE (?=(IN THE | AT)? PART)", _pair),
    rule(
        "CLOCK",
        f"(?<!MONTH|NUMBER|DASH|ORDINAL) hour:HOUR minute:MINUTE (?!{COUNTS}|NUMBER|MONTHS|DASH|WEEKDAY)",
        _round_pair,
    ),
    rule("CLOCK", "^ hour:HOUR minute:MINUTE DOT? $", _pair),
    rule("CLOCK", f"hour:HOUR DASH? (?=SPELLED) minute:MINUTE MINUTES? half:MERIDIEM? (?!{COUNTS})", _spelled_pair),
    rule("CLOCK", "hour:HOUR DASH? OH DASH? minute:NUMBER half:MERIDIEM?", _pair),
    rule("CLOCK", "hour:HOUR H minute:MINUTE?", _french),
    rule("CLOCK", "packed:PACKED (ISH? half:MERIDIEM | H | HOURS)", _packed),
    rule("CLOCK", f"{TELLS} packed:PACKED (?!{COUNTS})", _bare_packed),
    rule("CLOCK", "^ packed:PACKED DOT? $", _bare_packed),
    rule("CLOCK", "packed:PACKED (?=DASH PACKED)", _bare_packed),
    rule("CLOCK", "(?<=DASH) packed:PACKED (?!DASH)", _bare_packed),
    rule("CLOCK", "packed:PACKED (?=(IN THE)? PART)", _packed),
    rule("CLOCK", "time:DOTTED half:MERIDIEM", _figures),
    rule("CLOCK", "time:DOTTED (?!UNIT|PEOPLE|RATED)", _dotted),
    rule("CLOCK", f"HALF PAST {HOUR}", _shifted(30)),
    rule("CLOCK", f"(?<=AT|FOR) HALF {HOUR}", _shifted(30)),
    rule("CLOCK", f"A? QUARTER PAST {HOUR}", _shifted(15)),
    rule("CLOCK", f"A? QUARTER (TO|UNTIL|BEFORE|OF) {HOUR}", _shifted(-15)),
    rule("CLOCK", f"count:NUMBER MINUTES (PAST|FROM) {HOUR}", _shifted(1)),
    rule("CLOCK", f"count:NUMBER MINUTES (TO|UNTIL|BEFORE) {HOUR}", _shifted(-1)),
    rule("CLOCK", f"count:STEP PAST {HOUR} {BEHIND}", _shifted(1)),
    rule("CLOCK", f"(?<!FROM|BETWEEN|STARTING) count:STEP BEFORE|UNTIL {HOUR} {BEHIND}", _shifted(-1)),
    rule("CLOCK", f"(?<=AT|AROUND|BY|BEFORE|AFTER|SINCE|UNTIL) count:STEP TO {HOUR} {BEHIND}", _shifted(-1)),
    rule("CLOCK", f"(?<!FROM|BETWEEN|DASH) count:STEP TO {HOUR} (?=PART)", _shifted(-1)),
    rule("CLOCK", "(?<=AT) hour:HOUR (?=PART)", _hour, bonus=2),
    rule("CLOCK", f"(?<!FROM|BETWEEN|DASH) count:STEP TO {HOUR} {BEHIND}", _descending),
    rule("CLOCK", "(hour:HOUR OCLOCK?)? noon:NOON", _fixed(MIDDAY)),
    rule("CLOCK", "(hour:HOUR OCLOCK?)? MIDNIGHT", _fixed(MIDNIGHT)),
)
