"""What was read, put together: which date and which time of those named count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from app.voice.understanding.answer import Read
from app.voice.understanding.meaning import Context, Days, Meaning, Step
from app.voice.understanding.tokens import Token

CUES = frozenset({"CHANGE", "INSTEAD", "BUT", "RATHER"})
"""Words after which somebody says what they want instead of what they said before."""
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A meaning, the token it was read from, and how many words up to it take back what was said before."""

    token: Token
    meaning: Meaning
    cues: int

    @property
    def is_old(self) -> bool:
        """Whether it says when a booking is that is to be moved."""
        return "OLD" in self.token.values


def spoken(tokens: Sequence[Token]) -> list[Spoken]:
    """Return what the tokens mean, in order, each with how many cues of a correction were heard up to it."""
    found, cues = [], 0
    for at, token in enumerate(tokens):
        cues += bool(CUES & token.classes)
        meaning = _meaning(token)
        if meaning != Meaning():
            instead = at + 1 < len(tokens) and "INSTEAD" in tokens[at + 1].values
            found.append(Spoken(token, meaning, cues + instead))
    return found


def _meaning(token: Token) -> Meaning:
    """Return what the token says; somebody who is only mentioned ("me", "my wife") is no number of people yet."""
    value = None if "SOMEBODY" in token.values else next(iter(token.values.values()))
    return value if isinstance(value, Meaning) else Meaning()


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
    coming = [one for one in named if one.meaning.days and not _over(one.meaning.days, here)]
    pick = chosen(coming or named, lambda meaning: meaning.days)
    if not pick or not pick.meaning.days:
        return None
    day = next((one for one in coming if _repeats(one.meaning.days)), pick) if not pick.meaning.days.single else pick
    refined = _refined(day.meaning.days or pick.meaning.days, found)
    return (day, refined) if refined.single else (pick, pick.meaning.days)


def _over(days: Days, here: Context) -> bool:
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
    span = (first + timedelta(days=number) for number in range((last - first).days + 1))
    found = next((day for day in span if key(day) == key(days.anchor)), None)
    return Days.one(found) if found else None


def _number(day: date) -> int:
    return day.day


def read(text: str, one: Spoken, value: Value, confidence: float) -> Read[Value]:
    """Return the value with the words it was read from."""
    start, end = one.token.start, one.token.end
    return Read(value, text[start:end], start, end, confidence)
