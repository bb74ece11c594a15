"""What was understood of a text, each thing with the words it was read from and how sure the reading is."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.voice.understanding.catalogue import Entity
from app.voice.understanding.meaning import Days, Limit, Part, Problem

__all__ = ["Days", "Intent", "Limit", "OpeningHours", "Part", "Problem", "Read", "Slot", "Understanding", "Window"]

Value_co = TypeVar("Value_co", covariant=True)

OpeningHours = Mapping[int, Sequence[tuple[int, int]]]
"""Weekly hours: for each weekday (0 is Monday) the pairs (opens, closes) in minutes of the wall clock. `closes <=
opens` means past midnight; a weekday that is missing is closed."""


class Intent(StrEnum):
    """What somebody wants."""

    BOOK = "book"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    AVAILABILITY = "availability"
    OTHER = "other"


class Slot(StrEnum):
    """What was asked for last: it says what a bare number or name means in the answer."""

    DATE = "date"
    TIME = "time"
    PARTY_SIZE = "party_size"


@dataclass(frozen=True, slots=True)
class Read(Generic[Value_co]):
    """A value, the words it was read from (`start` to before `end` of the text), and a confidence from 0 to 1."""

    value: Value_co
    text: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Window:
    """The times from `start` on, or up to `end`, or between both. An `end` not after `start` is on the next day.

    `others` are the other windows that the same words can mean: "from 8 to 10" is in the morning or in the evening.
    `days` are those on which alone it is left out: "not on Friday morning".
    """

    start: dt.time | None
    end: dt.time | None
    others: tuple["Window", ...] = ()
    days: Days | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was understood.

    `time` is an exact time, `window` a span of it; there are never both. `daypart` is set where only a part of the day
    was named; "early" and "late" make a window of it as well. `t_alt` are the other times that `time` can mean: "at 8"
    is 08:00 or 20:00. `other_dates` and `other_times` were named beside `date` and `time` as just as good: "Monday or
    Tuesday". `old_date` and `old_time` are those of a booking that is to be moved: "from Tuesday at 4 to Friday".
    Entities are candidates, the surest first; `settled` says which of them is meant, if it is clear. `excluded` were
    named as not wanted ("anyone but Jane") and are no candidates. `excluded_dates`, `excluded_times` and
    `excluded_windows` neither are wanted: "any day but Thursday" (every one: its `step` is a week), "not at 3" (both
    readings), "not in the morning", also those of a day ("I can't do
    Friday at 3" leaves out a minute of it). `problem` is what is wrong with the day that was
    named; only one that is `PAST` is a `date` all the same, unless it is centuries ago.
    """

    intent: Read[Intent]
    date: Read[Days] | None = None
    time: Read[dt.time] | None = None
    window: Read[Window] | None = None
    daypart: Read[Part] | None = None
    t_alt: tuple[dt.time, ...] = ()
    party_size: Read[int] | None = None
    services: tuple[Read[Entity], ...] = ()
    staff: tuple[Read[Entity], ...] = ()
    spaces: tuple[Read[Entity], ...] = ()
    excluded: tuple[Read[Entity], ...] = ()
    excluded_dates: tuple[Days, ...] = ()
    excluded_times: tuple[dt.time, ...] = ()
    excluded_windows: tuple[Window, ...] = ()
    old_date: Read[Days] | None = None
    old_time: Read[dt.time] | None = None
    other_dates: tuple[Days, ...] = ()
    other_times: tuple[dt.time, ...] = ()
    problem: Read[Problem] | None = None
