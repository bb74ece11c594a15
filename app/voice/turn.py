"""One turn of a conversation: who speaks, what is known, and what is answered."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.diary.openings import wall_seconds
from app.kit import written
from app.kit.intervals import to_instant
from app.kit.money import Money
from app.models import VoiceSession
from app.security.actor import Actor
from app.voice.hearing import Heard, zone_of
from app.voice.house import House
from app.voice.talk import Talk


class Status(StrEnum):
    """How it goes on: something is to be confirmed, something is missing, nothing was understood, or it is answered."""

    PROPOSAL = "proposal"
    NEEDS_INPUT = "needs_input"
    NOT_UNDERSTOOD = "not_understood"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: `text` is to be said to the client. `options` are slots as `SlotOut` shows them.

    `asked` is what the text asks for, in the words of a `Talk`; `proposal` comes with its `confirm_token`; `ends` where
    there is nothing more to say of the wish.
    """

    status: Status
    text: str
    asked: str | None = None
    options: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    proposal: dict[str, Any] | None = None
    confirm_token: str | None = None
    ends: bool = False


@dataclass(slots=True)
class Turn:
    """Who speaks (nobody known: None), in which conversation, what was heard, and by whose words and clocks."""

    actor: Actor | None
    session: VoiceSession
    talk: Talk
    heard: Heard
    house: House
    locale: str

    @property
    def zone(self) -> ZoneInfo:
        """The clocks that days and times are meant by."""
        return ZoneInfo(zone_of(self.talk, self.house))

    def at(self, day: date, clock: time) -> datetime:
        """Return the instant of a day's time."""
        return to_instant(wall_seconds(day, clock.hour * 60 + clock.minute, self.zone.key))

    def day(self, at: datetime) -> str:
        """Return the weekday and the date of an instant."""
        return written.day(at, self.zone, self.locale)

    def clock(self, at: datetime) -> str:
        """Return the time of an instant."""
        return written.clock(at, self.zone, self.locale)

    def money(self, amount: Money) -> str:
        """Return an amount as it is written."""
        return written.money(amount, self.locale)

    def name_of(self, kind: str) -> str:
        """Return the name of what was named."""
        return str(self.talk.said[kind]["value"]["name"])


def ask(asked: str, text: str, **more: Any) -> Reply:
    """Return a question about what is missing."""
    return Reply(Status.NEEDS_INPUT, text, asked, **more)


def listed(words: list[str], last: str = "or") -> str:
    """Return words as they are said: "a, b or c"."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
