"""What somebody asks of a series."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.bookings.request import Request

MOST_DATES = 52
MOST_WEEKS = 52
"""Dates that one series may have, and weeks that may lie between two of them."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """So many weeks from one date to the next; so many dates, or until a day of the venue's calendar, included."""

    every_weeks: int
    count: int | None = None
    until: date | None = None


class Mode(StrEnum):
    """What becomes of the other dates where one cannot be had."""

    ALL_OR_NOTHING = "all_or_nothing"
    SKIP_CONFLICTS = "skip_conflicts"


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """A booking, which is its first date, and how it repeats."""

    booking: Request
    repeat: Repeat
    mode: Mode = Mode.ALL_OR_NOTHING


class Scope(StrEnum):
    """Which bookings of a series are meant: one, it and the later ones, or all."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Move:
    """One booking of a series at another time, or with another staff member, and others of it likewise."""

    scope: Scope
    booking_id: int
    starts_at: datetime | None = None
    staff_id: int | None = None
