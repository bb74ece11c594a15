"""Rules for what is not meant: "I can't do Thursday", "not at 5 or 6", "instead of Friday", "3 pm is too late".

A list is left out as a whole. "Not the 16th, the 17th" is none: without an "or", "and" or "nor" it says what is wanted
instead, but after "except".
"""

from dataclasses import replace

from app.voice.understanding.clocks import COUNTS, at, clock
from app.voice.understanding.meaning import Clocks, Days, Limit, Meaning
from app.voice.understanding.rules import Found, rule
from app.voice.understanding.tokens import Token

DAY, TIME = "DATE|DATES|PERIOD|MOMENT", "CLOCK|CLOCKS|DAYPART"
KINDS = frozenset(f"{DAY}|{TIME}".split("|"))
SEPARATORS = frozenset({"COMMA", "OR", "AND", "NOR"})


def _items(found: Found) -> tuple[Meaning, ...]:
    """Return what the words found name, item by item; a time beside a day is of that day."""
    items: list[Meaning] = []
    apart = False
    for token in found.tokens:
        one = _named(token)
        apart = apart or bool(SEPARATORS & token.classes)
        if one is None:
            continue
        if items and not apart and _complete(items[-1], one):
            items[-1] = _one_of_both(items[-1], one)
        else:
            items.append(_of_same_day(items, one))
        apart = False
    return tuple(items)


def _named(token: Token) -> Meaning | None:
    if KINDS & token.classes:
        value = next(iter(token.values.values()))
        return value if isinstance(value, Meaning) else None
    hour = token.values.get("HOUR")
    return at(clock(hour, 0)) if isinstance(hour, int) else None


def _complete(one: Meaning, other: Meaning) -> bool:
    return bool(one.days) != bool(other.days) and one.is_of_day != other.is_of_day


def _one_of_both(one: Meaning, other: Meaning) -> Meaning:
    day, time = (one, other) if one.days else (other, one)
    return replace(time, days=day.days, within=day.within)


def _of_same_day(before: list[Meaning], one: Meaning) -> Meaning:
    """Return the 4 of "Friday at 3 or 4" with the day."""
    last = before[-1] if before else Meaning()
    return replace(one, days=last.days) if last.days and last.is_of_day and not one.days else one


def _rejected(found: Found) -> Meaning | None:
    items = _items(found)
    return Meaning(left_out=items) if items else None


def _all_but(found: Found) -> Meaning | None:
    """Read "any day but Thursday next week" and "Monday next week is not possible", which want the week."""
    items = _items(found)
    week = next((one.within for one in items if one.within), None)
    return Meaning(left_out=items, days=week) if items else None


def _too_much(found: Found) -> Meaning | None:
    """Read what is too late as all after it too, and what is too early as all before; else it is that alone."""
    limit = Limit.SINCE if found.has("late") else Limit.BEFORE if found.has("early") else None
    items = _items(found)
    return Meaning(left_out=tuple(part for one in items for part in _from(one, limit)) if limit else items)


def _from(one: Meaning, limit: Limit) -> tuple[Meaning, ...]:
    late, start = limit is Limit.SINCE, one.clocks.start if one.clocks and one.clocks.exact else None
    if start:
        window = Clocks(start, None) if late else Clocks(None, start)
        return (replace(one, clocks=window),) if late else (one, replace(one, clocks=window))
    if one.days and not one.is_of_day:
        first, last = (one.days.first, None) if late else (None, one.days.last)
        return (replace(one, days=Days(first, last, limit=limit)),)
    return (one,)


LINK = "(ON|AT|FOR|IN|BY|TO)? THE|A?"
HOUR = f"HOUR (?!{COUNTS}|MERIDIEM)"
AN_HOUR = f"{LINK} ({TIME} ({LINK} {DAY})? | {HOUR})"
A_DAY = f"{LINK} {DAY} ({LINK} {TIME} ((OR|NOR {LINK} {TIME}) | (OR|NOR {HOUR}))?)?"
ONLY_DAY = f"{LINK} {DAY} DAYPART?"
MIXED = f"(,? OR|NOR NOT? ({A_DAY} | {AN_HOUR}))"
MORE_DAYS = f"(, {A_DAY}){{0,6}} ({MIXED} | (,? AND NOT? {A_DAY})){{1,6}}"
DAYS = f"{A_DAY} ({MORE_DAYS} (?!IS|WORK))?"
TIMES = f"{LINK} {TIME} ({LINK} {DAY})? ((, {AN_HOUR}){{0,6}} ({MIXED} | (,? AND NOT? {AN_HOUR})){{1,6}})?"
LIST = f"(({DAYS}) | ({TIMES}))"
BEFORE = f"(({A_DAY} ({MORE_DAYS})?) | ({TIMES}))"
"""A list that stands before what leaves it out."""
ALL_DAYS = f"{ONLY_DAY} ((, | ,? OR|AND|NOR) {ONLY_DAY} (?!IS|WORK)){{0,6}}"
BUT = "(BUT NOT? | EXCEPT (ON|FOR)?)"
SCOPE = "DAYS|NAMED|UNIT|DAYPART|PART|PERIOD|WEEK|DATE|DATES|WEEKDAY"
ANY_DAY = f"((?<=ANY|ALL DAYS) | (?<=ANY|ALL DAYS {DAY}) | (?<=ANY|ALL DAYS WORD {DAY}))"
ANY = (
    f"((?<=ALL) | (?<=ANY|ALL|WORD {SCOPE}) | (?<=ANY|ALL {SCOPE} {SCOPE}) | (?<=ANY|ALL {SCOPE} ON|IN {SCOPE})"
    "| (?<=DAYS|NAMED PERIOD))"
)
LEADING = (
    "(NOT|NO|EXCEPT | EXCEPT|INSTEAD (FOR|OF) | RATHER|OTHER THAN | (?<!WHY) CANNOT (WORD|WORK|CHANGE)? (WORD|TO)?"
    "| NOT WORD|WORK | NOT WORD TO (?!CHANGE) WORD)"
)
TRAILING = "(((IS|WORD)? WORD? WONT|NOT|CANNOT (WORD|IS|A)? WORK|GOOD|NAMED) | (IS NO GOOD|NAMED) | (IS WORD? BAD))"
TOO = "((?!WONT) IS|WORD)? WORD? (WORD|A)? WORD? TOO (late:LATE|FAR|LATER | early:EARLY|EARLIER|SOON | WORD)"

RESUMED = (rule("ANYWAY", "AFTER ALL (?!THE|MY|MEAL|PART|DAYS)", lambda _found: Meaning(), bonus=1),)
"""What takes up again what was left out. It is read first: "3 after" would be minutes."""
RULES = (
    rule("REJECTED", f"{LEADING} {LIST}", _rejected),
    rule("REJECTED", f"{ANY} {BUT} {LIST}", _all_but),
    rule("REJECTED", f"{ANY_DAY} {BUT} {ALL_DAYS}", _all_but, bonus=3),
    rule("REJECTED", f"{BEFORE} {TRAILING}", _all_but),
    rule("REJECTED", f"(?<!IS) ({BEFORE} | {HOUR}) {TOO}", _too_much, bonus=0.5),
)
