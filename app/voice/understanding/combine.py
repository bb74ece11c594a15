"""What was read, put together: which date and which time of those named count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum
from typing import TypeVar

from app.kit.dates import dates_between
from app.voice.understanding import almanac
from app.voice.understanding.answer import Read
from app.voice.understanding.meaning import Clocks, Context, Days, Meaning, Step
from app.voice.understanding.tokens import Token

CUES = frozenset({"CHANGE", "INSTEAD", "BUT", "RATHER"})
"""Words after which somebody says what they want instead of what they said before."""
OR, BETWEEN = frozenset({"OR", "AND"}), frozenset({"OR", "AND", "COMMA", "ON", "AT", "IN", "THE", "AROUND"})
"""Words that name one thing beside another, and all that may stand between the two."""
Value = TypeVar("Value")


class Beside(IntEnum):
    """How a meaning stands to the one before: apart, behind a comma alone, or behind "or" or "and"."""

    APART = 0
    COMMA = 1
    OR = 2


@dataclass(frozen=True, slots=True)
class Spoken:
    """A meaning, the token it was read from, and how many words up to it take back what was said before.

    `beside` is how it is joined to the one before.
    """

    token: Token
    meaning: Meaning
    cues: int
    beside: Beside = Beside.APART

    @property
    def is_old(self) -> bool:
        """Whether it says when a booking is that is to be moved."""
        return "OLD" in self.token.values


def spoken(tokens: Sequence[Token]) -> list[Spoken]:
    """Return what the tokens mean, in order, each with how many cues of a correction were heard up to it."""
    found: list[Spoken] = []
    cues, behind = 0, 0
    for at, token in enumerate(tokens):
        cues += bool(CUES & token.classes)
        meaning = _meaning(token)
        if meaning != Meaning():
            instead = at + 1 < len(tokens) and "INSTEAD" in tokens[at + 1].values
            beside = _beside(tokens[behind:at]) if found else Beside.APART
            found.append(Spoken(token, meaning, cues + instead, beside))
            behind = at + 1
    return found


def _beside(between: Sequence[Token]) -> Beside:
    if not between or not all(BETWEEN & token.classes for token in between):
        return Beside.APART
    if any(OR & token.classes for token in between):
        return Beside.OR
    return Beside.COMMA if "COMMA" in between[0].values else Beside.APART


def named_beside(found: Sequence[Spoken], pick: Spoken, wanted: Callable[[Meaning], object]) -> list[Spoken]:
    """Return what else is wanted as well as `pick`: the rest of "Monday, Tuesday or Friday"."""
    behind = [one for one in found if one.token.start > pick.token.start and one.cues == pick.cues]
    joined = [one for one in behind if one.beside and wanted(one.meaning)]
    return joined if any(one.beside is Beside.OR for one in joined) else []


def left_out(tokens: Sequence[Token]) -> list[Meaning]:
    """Return what the tokens name only to leave it out."""
    return [one for token in tokens if "REJECTED" in token.values for one in _value(token).left_out]


def _meaning(token: Token) -> Meaning:
    """Return what the token says; somebody who is only mentioned ("me", "my wife") is no number of people yet."""
    return Meaning() if "SOMEBODY" in token.classes else replace(_value(token), left_out=())


def _value(token: Token) -> Meaning:
    value = next(iter(token.values.values()))
    return value if isinstance(value, Meaning) else Meaning()


def wanted(found: Sequence[Spoken], unwanted: Sequence[Meaning]) -> list[Spoken]:
    """Return the same without the days and times that are left out as well: nothing is both.

    Of a day taken back its week or month stays: "next Tuesday, no, not Tuesday, Wednesday".
    """
    kept = []
    for one in found:
        days, clocks = one.meaning.days, one.meaning.clocks
        for out in unwanted:
            if days and out.days and not out.is_of_day and _is_same_day(days, out.days):
                days = _around(days, out.days)
            if clocks and out.clocks and not out.days and _is_same_time(clocks, out.clocks):
                clocks = None
        meaning = replace(one.meaning, days=days, clocks=clocks)
        if meaning != Meaning():
            kept.append(replace(one, meaning=meaning))
    return kept


def _is_same_day(days: Days, out: Days) -> bool:
    if not days.single or not out.single or days.anchor == out.anchor:
        return days.single and out.single
    key = {Step.WEEK: date.weekday, Step.MONTH: _number}.get(out.step)
    return key is not None and days.step in {Step.NEVER, Step.YEAR} and key(days.anchor) == key(out.anchor)


def _around(days: Days, out: Days) -> Days | None:
    """Return the week or the month of a day that is named more exactly than where it is taken back."""
    if out.step is Step.WEEK and days.step is not Step.WEEK:
        monday = almanac.monday_of(days.anchor)
        return Days(monday, monday + timedelta(days=almanac.SUNDAY))
    if out.step is Step.MONTH and days.step is not Step.MONTH:
        return Days(days.anchor.replace(day=1), almanac.last_of_month(days.anchor))
    return None


def _is_same_time(clocks: Clocks, out: Clocks) -> bool:
    if not clocks.exact or not out.exact or not clocks.start or not out.start:
        return False
    return bool(set(clocks.start.readings) & set(out.start.readings))


def chosen(found: Sequence[Spoken], wanted: Callable[[Meaning], object]) -> Spoken | None:
    """Return the first meaning that has what is wanted, or the last that corrects it."""
    candidates = [one for one in found if wanted(one.meaning)]
    pick = candidates[0] if candidates else None
    for one in candidates[1:]:
        if pick and one.cues > pick.cues:
            pick = one
    return pick


def dated(found: Sequence[Spoken], here: Context, *, booking: bool) -> tuple[Spoken, Days] | None:
    """Return the days that count, and where they were said; days that are over only where no others are named.

    Where a `booking` is spoken of, "yesterday" says when it was made, and not when it is.
    """
    named = [one for one in found if not (booking and one.meaning.days and one.meaning.days.step is Step.GONE)]
    coming = [one for one in named if one.meaning.days and not is_over(one.meaning.days, here)]
    pick = chosen(coming or named, lambda meaning: meaning.days)
    if not pick or not pick.meaning.days:
        return None
    day = next((one for one in coming if _repeats(one.meaning.days)), pick) if not pick.meaning.days.single else pick
    refined = _refined(day.meaning.days or pick.meaning.days, found)
    return (day, refined) if refined.single else (pick, pick.meaning.days)


def other_days(found: Sequence[Spoken], dating: tuple[Spoken, Days] | None, here: Context) -> tuple[Days, ...]:
    """Return the other single days that are named beside the one that counts.

    A weekday beside a certain day is of the same week, if that is to come: "next Friday or Saturday".
    """
    if not dating or not dating[1].single:
        return ()
    day, week = dating[1].anchor, almanac.monday_of(dating[1].anchor)
    beside = named_beside(found, dating[0], lambda meaning: meaning.days and meaning.days.single)
    days = [_refined(one.meaning.days, found) for one in beside if one.meaning.days]
    if dating[1].step is Step.NEVER:
        days = [_of_week(other, week, here) for other in days]
    return tuple(other for other in dict.fromkeys(days) if other.anchor != day)


def days_left_out(meanings: Sequence[Meaning], found: Sequence[Spoken]) -> tuple[Days, ...]:
    """Return the whole days that are named only to leave them out; within the week named elsewhere in the text."""
    whole = (one.days for one in meanings if one.days and not one.is_of_day)
    return tuple(_refined(day, found) for days in whole for day in _each_week(days))


def _each_week(days: Days) -> tuple[Days, ...]:
    """Return the weekdays of days that come again each week: "no weekends" leaves out all of them."""
    if not days.ends or days.single or days.step is not Step.WEEK:
        return (days,)
    return tuple(Days.one(day, Step.WEEK) for day in days.ends)


def day_left_out(meaning: Meaning, found: Sequence[Spoken]) -> Days | None:
    """Return the day of a time that is left out on that day alone."""
    return _refined(meaning.days, found) if meaning.days else None


def _of_week(days: Days, monday: date, here: Context) -> Days:
    inside = _inside(days, Days(monday, monday + timedelta(days=almanac.SUNDAY))) if days.step is Step.WEEK else None
    return inside if inside and inside.anchor > here.today else days


def is_over(days: Days, here: Context) -> bool:
    """Say whether the last of the days is over."""
    return days.last is not None and days.last < here.today


def _repeats(days: Days | None) -> bool:
    """Say whether it is a day that each week or month has: "Friday", "the 3rd"."""
    return days is not None and days.single and days.step in {Step.WEEK, Step.MONTH}


def _refined(days: Days, found: Sequence[Spoken]) -> Days:
    """Return the weekday or numbered day meant, within the week or month that is named elsewhere in the text."""
    others = (one.meaning.days for one in found if one.meaning.days and not one.meaning.days.single)
    if _repeats(days):
        return next((inside for other in others if (inside := _inside(days, other))), days)
    return days


def _inside(days: Days, period: Days) -> Days | None:
    """Return the day of `period` with the weekday or the number of `days`."""
    if not period.ends:
        return None
    first, last = period.ends
    key = date.weekday if days.step is Step.WEEK else _number
    found = next((day for day in dates_between(first, last) if key(day) == key(days.anchor)), None)
    return Days.one(found) if found else None


def _number(day: date) -> int:
    return day.day


def read(text: str, one: Spoken, value: Value, confidence: float) -> Read[Value]:
    """Return the value with the words it was read from."""
    start, end = one.token.start, one.token.end
    return Read(value, text[start:end], start, end, confidence)
