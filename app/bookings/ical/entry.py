"""What stands in a calendar, before anybody writes it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """What a program that opens a file is to do with it (RFC 5546 §1.4)."""

    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


class State(StrEnum):
    """Whether an event takes place (RFC 5545 §3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a calendar shows. `uid` is the same for ever; `sequence` and `changed_at` rise with every change."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    timezone: str
    state: State
    summary: str
    description: str = ""
    location: str = ""
    takes_time: bool = True
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """Who publishes: a name and a mail address."""

    name: str
    address: str
