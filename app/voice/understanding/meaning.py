"""What words about time mean, before it is decided which of them count."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum, StrEnum

NOON, MIDNIGHT, HALF_DAY, DAY = 12 * 60, 0, 12 * 60, 24 * 60
"""Minutes after midnight."""


class Part(StrEnum):
    """A part of the day."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


class Limit(StrEnum):
    """That a date or a time is only where a range ends (`BEFORE`) or begins; `AFTER` leaves the date itself out."""

    BEFORE = "before"
    AFTER = "after"
    SINCE = "since"


class Problem(StrEnum):
    """What is wrong with a day that was named: no calendar has it, it is over, or more than ten years ahead."""

    IMPOSSIBLE = "impossible"
    PAST = "past"
    FAR = "far"


class Step(Enum):
    """How soon a day comes again that was named without saying which: "Monday", "the 5th", "May 5".

    GONE: it was named as one that is over, such as "yesterday".
    """

    NEVER = 0
    WEEK = 1
    MONTH = 2
    YEAR = 3
    GONE = 4


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included; one of them is None where `limit` leaves that end open."""

    first: date | None
    last: date | None
    step: Step = Step.NEVER
    limit: Limit | None = None

    @classmethod
    def one(cls, day: date, step: Step = Step.NEVER) -> "Days":
        """Return a single day."""
        return cls(day, day, step)

    @property
    def single(self) -> bool:
        """Say whether it is one day, named as such."""
        return self.limit is None and self.first == self.last

    @property
    def anchor(self) -> date:
        """The first day, or the last where there is no first."""
        return self.first or self.last or date.min

    @property
    def is_weekday(self) -> bool:
        """Say whether it is one day, named by its weekday alone."""
        return self.single and self.step is Step.WEEK

    @property
    def bounds(self) -> tuple[date | None, date | None]:
        """The first and the last day meant, None where an end is open: "after Tuesday" begins on Wednesday."""
        after = self.limit is Limit.AFTER and self.first
        return (after + timedelta(days=1) if after else self.first), self.last

    @property
    def ends(self) -> tuple[date, date] | None:
        """The first and the last day; None where one end is open."""
        return (self.first, self.last) if self.first and self.last else None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was said: minutes after midnight; `sure` where am or pm is known, else of the first half."""

    minutes: int
    sure: bool

    @classmethod
    def of(cls, at: datetime) -> "Clock":
        """Return the time of day of a moment."""
        return cls(at.hour * 60 + at.minute, sure=True)

    @property
    def readings(self) -> tuple[int, ...]:
        """All times of day, in minutes, that it can mean."""
        return (self.minutes,) if self.sure else (self.minutes, self.minutes + HALF_DAY)


@dataclass(frozen=True, slots=True)
class Clocks:
    """A time (`exact`), or a window from `start` to `end`, one of which may be None."""

    start: Clock | None
    end: Clock | None
    exact: bool = False

    @classmethod
    def at(cls, clock: Clock) -> "Clocks":
        """Return an exact time."""
        return cls(clock, None, exact=True)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time: months, days or minutes."""

    months: int = 0
    days: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What some words mean: days, times of day, a part of the day, a length of time; several together, or nothing."""

    days: Days | None = None
    clocks: Clocks | None = None
    part: Part | None = None
    half: int = 0
    """Of the part of the day: -1 its first half (early), 1 its second (late)."""
    length: Length | None = None
    people: int = 0
    """How many come; 0 where that is not said."""
    problem: Problem | None = None
    """Why it is no day, though it names one."""
    left_out: tuple["Meaning", ...] = ()
    """What is said only to leave it out."""
    within: Days | None = None
    """The week that names a day: next week, of "Thursday next week"."""

    @property
    def is_of_day(self) -> bool:
        """Say whether a time of day is named, or a part of it."""
        return self.clocks is not None or self.part is not None


@dataclass(frozen=True, slots=True)
class Context:
    """Where the reader stands: `now`, aware, in the venue's zone, and whether 2/3 is February 3 (or 2 March)."""

    now: datetime
    month_first: bool
    moving: bool = False
    """Whether a booking is being moved: "from 5 to 6" is its old and its new time then."""

    @property
    def today(self) -> date:
        """The date there now."""
        return self.now.date()

    def after(self, minutes: int) -> datetime:
        """Return the wall clock there so many minutes from now, changes of the clock minded."""
        return (self.now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(self.now.tzinfo)

    def ahead(self, days: int) -> date:
        """Return the date so many days from today."""
        return self.today + timedelta(days=days)
