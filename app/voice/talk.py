"""A conversation so far: what was understood, what was asked last, and what was offered. It is kept as JSON."""

from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.voice.understanding import Intent

Said = dict[str, Any]
"""Something understood: its `value`, the `text` that it was read from, and a `confidence` from 0 to 1."""

SUBJECTS = ("service", "staff", "space")


@dataclass(slots=True)
class Talk:
    """What is known. `said` is what was understood, by the names under which the API shows it.

    `asked` is what the last question was about; it gave `choices` of things, or `options`: times, and who can do it
    then. `proposal` is what waits to be confirmed, `excluded` what is not wanted. `last` is the id of the booking made
    or spoken of last. `is_over` where there was nothing to do: the next wish is a new one.
    """

    intent: Intent | None = None
    said: dict[str, Said] = field(default_factory=dict)
    asked: str | None = None
    question: str = ""
    choices: list[dict[str, Any]] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    timezone: str | None = None
    proposal: dict[str, Any] | None = None
    excluded: list[dict[str, Any]] = field(default_factory=list)
    last: int | None = None
    is_over: bool = False

    @classmethod
    def of(cls, state: dict[str, Any]) -> Self:
        """Return the conversation that was kept as `state`."""
        found = cls(**{name: deepcopy(value) for name, value in state.items() if name in cls.__slots__})
        found.intent = Intent(found.intent) if found.intent else None
        return found

    def state(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return asdict(self)

    def begin(self, intent: Intent) -> None:
        """Speak of something else from now on."""
        self.intent, self.said, self.proposal, self.excluded = intent, {}, None, []
        self.forget_question()

    def forget_question(self) -> None:
        """Let the last question be answered."""
        self.asked, self.question, self.choices, self.options = None, "", [], []

    def id_of(self, name: str) -> int | None:
        """Return the id of what was named; None where nothing was."""
        return self.said[name]["value"]["id"] if name in self.said else None

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first and the last day that were named, the same where it was one; None where an end is open."""
        if "date" not in self.said:
            return None, None
        first, last = ends_of(self.said["date"]["value"])
        also = [date.fromisoformat(day) for day in self.said["date"].get("also", ())]
        return (min(first, *also), max(last, *also)) if also and first and last else (first, last)

    @property
    def day(self) -> date | None:
        """The day, where one was named, and no other beside it."""
        first, last = self.days
        return first if first == last else None

    def takes(self, day: date) -> bool:
        """Say whether a day is among those that were named; any is where none were."""
        return "date" not in self.said or includes(self.said["date"], day)

    @property
    def times(self) -> list[time]:
        """The times that were named, then what else the first can mean; none where none was."""
        return [time.fromisoformat(text) for text in readings(self.said.get("time"))]

    @property
    def named_times(self) -> int:
        """How many of `times` were named, one as good as the other."""
        return 1 + len(self.said["time"].get("also", ())) if "time" in self.said else 0

    def is_in_window(self, clock: time) -> bool:
        """Say whether a time is in the window that was named, in any of its readings; any is where none was."""
        said = self.said.get("window")
        return said is None or any(is_within(one, clock) for one in (said["value"], *said.get("others", ())))

    def settle_on(self, starts_at: datetime, zone: ZoneInfo) -> None:
        """Take an offered start for what was said."""
        local = starts_at.astimezone(zone)
        self.said["date"] = sure(f"{local:%Y-%m-%d}")
        self.said["time"] = sure(f"{local:%H:%M}")


def sure(value: Any, text: str = "") -> Said:
    """Return something that is known for sure, though not from words."""
    return {"value": value, "text": text, "confidence": 1.0}


def readings(said: Said | None) -> list[str]:
    """Return a time that was said, those that were named beside it, and what else it can mean."""
    return [said["value"], *said.get("also", ()), *said.get("others", ())] if said else []


def ends_of(value: Any) -> tuple[date | None, date | None]:
    """Return the first and the last of some days as they are kept; None where an end is open."""
    ends = (value, value) if isinstance(value, str) else (value["from"], value["to"])
    first, last = (date.fromisoformat(end) if end else None for end in ends)
    return first, last


def includes(said: Said, day: date) -> bool:
    """Say whether a day is among some that were said."""
    if "also" in said:
        return f"{day}" in {said["value"], *said["also"]}
    first, last = ends_of(said["value"])
    return (first or day) <= day <= (last or day)


def is_same_weekday(day: str, other: date) -> bool:
    """Say whether two days are the same day of the week."""
    return date.fromisoformat(day).weekday() == other.weekday()


def is_within(window: dict[str, str | None], clock: time) -> bool:
    """Say whether a time is in a window of the day; one that ends before it begins goes on beyond midnight."""
    start, end = (text and time.fromisoformat(text) for text in (window["from"], window["to"]))
    start = start or time()
    return start <= clock and (not end or clock < end or end < start)
