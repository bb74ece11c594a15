"""The desk on paper: what a person could keep track of with a pencil, for the state machine to compare with."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

DAWN = datetime(2030, 1, 7, 6, tzinfo=UTC)
QUARTER = 15
OPENS, CLOSES = 9 * 60, 17 * 60
"""On the clock; times are minutes since Monday's midnight throughout."""

HOLD_MINUTES, LONGEST_WAIT = 10, 48 * 60

Interval = tuple[int, int]


@dataclass(frozen=True)
class Work:
    """What is performed: how long, with which time around it, and whether somebody must agree to it."""

    minutes: int
    before: int = 0
    after: int = 0
    approval: bool = False


WORKS = (Work(60), Work(30, 15, 10), Work(45, 0, 30), Work(60, approval=True))


@dataclass(frozen=True)
class Entry:
    """A booking or a hold on paper: whose time, when the work is, and until when it waits; None is for good."""

    staff: int
    parts: tuple[int, ...]
    start: int
    until: int | None
    is_hold: bool = False
    status: str = "confirmed"

    @property
    def end(self) -> int:
        """When the work is over."""
        return self.start + sum(WORKS[part].minutes for part in self.parts)

    @property
    def taken(self) -> Interval:
        """The work, and the time around all of it."""
        return self.start - WORKS[self.parts[0]].before, self.end + WORKS[self.parts[-1]].after


@dataclass
class Paper:
    """The model: what is agreed and held, and when who is away."""

    now: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)
    holds: dict[int, Entry] = field(default_factory=dict)
    away: list[tuple[int, Interval]] = field(default_factory=list)

    def counts(self, entry: Entry) -> bool:
        """Say whether it has its time now."""
        living = entry.status in {"confirmed", "pending", "held"}
        return living and (entry.until is None or entry.until > self.now)

    def status(self, entry: Entry) -> str:
        """Return where it stands as a reader sees it."""
        lapsed = entry.status == "pending" and entry.until is not None and entry.until <= self.now
        return "expired" if lapsed else entry.status

    def living(self) -> list[Entry]:
        """Return what has its time now."""
        return [entry for entry in (*self.entries.values(), *self.holds.values()) if self.counts(entry)]

    def why_not(self, wanted: Entry, *, but: Entry | None = None, notice: bool = True) -> str | None:
        """Return the first reason against it; None where it can be had. `but` is what it takes the place of."""
        opens = wanted.start // 1440 * 1440 + OPENS
        mine = [entry.taken for entry in self.living() if entry.staff == wanted.staff and entry is not but]
        busy = mine + [gone for staff, gone in self.away if staff == wanted.staff]
        begin, end = wanted.taken
        checks = {
            "notice_too_short": wanted.start < self.now,
            "beyond_horizon": notice and wanted.start > self.now + 365 * 1440,
            "outside_opening_hours": wanted.start < opens or wanted.end > opens - OPENS + CLOSES,
            "not_on_grid": (wanted.start - opens) % QUARTER != 0,
            "slot_taken": any(begin < b and a < end for a, b in busy),
        }
        return next((reason for reason, holds in checks.items() if holds), None)

    def taken_by_entries(self) -> list[tuple[int, int, int]]:
        """Return whose time is taken by bookings and holds, in order."""
        return sorted((entry.staff, *entry.taken) for entry in self.living())

    def covered(self, staff: int) -> set[int]:
        """Return the minutes, in fives, in which somebody is not to be had."""
        spans = [entry.taken for entry in self.living() if entry.staff == staff]
        spans += [gone for who, gone in self.away if who == staff]
        return {minute for a, b in spans for minute in range(a, b, 5)}


def instant(minutes: int) -> datetime:
    """Return the instant of a time on paper."""
    return DAWN - timedelta(hours=6) + timedelta(minutes=minutes)


def on_paper(at: datetime) -> int:
    """Return the time on paper of an instant."""
    return int((at - DAWN) / timedelta(minutes=1)) + 6 * 60
