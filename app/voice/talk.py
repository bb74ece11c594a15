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

    `asked` is what the last question was about; it gave `choices` of things, or `options`: times, and
    who can do it then. `proposal` is what
    waits to be confirmed. `is_over` where there was nothing to do: the next wish is a new one.
    """

    intent: Intent | None = None
    said: dict[str, Said] = field(default_factory=dict)
    asked: str | None = None
    question: str = ""
    choices: list[dict[str, Any]] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    timezone: str | None = None
    proposal: dict[str, Any] | None = None
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
        self.intent, self.said, self.proposal = intent, {}, None
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
        value = self.said["date"]["value"] if "date" in self.said else {"from": None, "to": None}
        ends = (value, value) if isinstance(value, str) else (value["from"], value["to"])
        first, last = (end and date.fromisoformat(end) for end in ends)
        return first or None, last or None

    @property
    def day(self) -> date | None:
        """The day, where one was named."""
        first, last = self.days
        return first if first == last else None

    @property
    def times(self) -> list[time]:
        """The time that was named, and what else it can mean; none where none was."""
        if "time" not in self.said:
            return []
        said = self.said["time"]
        return [time.fromisoformat(text) for text in (said["value"], *said.get("others", ()))]

    @property
    def window(self) -> tuple[time, time | None]:
        """From when on, and up to when, of the day; all of it where nothing was said."""
        value = self.said["window"]["value"] if "window" in self.said else {"from": None, "to": None}
        start, end = (text and time.fromisoformat(text) for text in (value["from"], value["to"]))
        return start or time(), end or None

    def settle_on(self, starts_at: datetime, zone: ZoneInfo) -> None:
        """Take an offered start for what was said."""
        local = starts_at.astimezone(zone)
        self.said["date"] = sure(f"{local:%Y-%m-%d}")
        self.said["time"] = sure(f"{local:%H:%M}")


def sure(value: Any, text: str = "") -> Said:
    """Return something that is known for sure, though not from words."""
    return {"value": value, "text": text, "confidence": 1.0}
