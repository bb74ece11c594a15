"""What anybody could note down of a salon by hand, and what follows from it for a request: slow, and obvious.

It knows product.md §5 and nothing of the application. Time is whole minutes since 1970-01-01T00:00Z.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby, product

GRID = 15

MOST_TOLD = 24
"""So many parts may all outcomes of a visit have together for a search to tell all of them at one start."""

PRECEDENCE = (
    "client_blocked",
    "resource_inactive",
    "staff_not_assigned",
    "duration_out_of_range",
    "party_too_large",
    "notice_too_short",
    "beyond_horizon",
    "outside_opening_hours",
    "not_on_grid",
    "hold_expired",
    "slot_taken",
)
"""Where several reasons hold, the first of these is told."""

Reasons = set[str]

Team = tuple[int, ...]

Outcome = tuple[int, int]
"""How many minutes a visit takes, and its price."""


@dataclass(eq=False)
class Place:
    """Somebody, or some space, whose time can be taken, and when it is open."""

    id: int
    openings: Sequence[range]
    active: bool = True

    @cached_property
    def minutes(self) -> set[int]:
        """All minutes in which it is open."""
        return {minute for opening in self.openings for minute in opening}

    @cached_property
    def starts(self) -> set[int]:
        """Where work may start: every quarter of an hour from an opening on."""
        return {minute for opening in self.openings for minute in opening[::GRID]}

    @cached_property
    def ends(self) -> set[int]:
        """Where a letting may end: a whole number of quarters of an hour after an opening that it ends in."""
        return {end for opening in self.openings for end in range(opening.start + GRID, opening.stop + 1, GRID)}


@dataclass(eq=False)
class Rules:
    """When something may be booked at all."""

    notice_minutes: int
    horizon_days: int

    def reasons_against(self, start: int, now: datetime) -> Reasons:
        """Return what speaks against a start."""
        at, reasons = instant(start), set()
        if at < now + timedelta(minutes=self.notice_minutes):
            reasons.add("notice_too_short")
        if at > now + timedelta(days=self.horizon_days):
            reasons.add("beyond_horizon")
        return reasons


@dataclass(eq=False)
class Work(Rules):
    """A service: who performs it, for how many minutes and at which price; and the time around it."""

    id: int
    before: int
    after: int
    performers: dict[int, tuple[int, int]]
    active: bool = True


@dataclass(eq=False)
class House(Rules):
    """A space, and what it demands of a letting."""

    place: Place
    shortest: int
    longest: int
    capacity: int


@dataclass(frozen=True)
class Visit:
    """Several services in a row from a minute on, each by somebody named, or by anybody."""

    parts: tuple[tuple[Work, int | None], ...]
    start: int


@dataclass(frozen=True)
class Letting:
    """A space from one minute to another, for so many."""

    house: House
    start: int
    end: int
    party: int = 1


@dataclass(frozen=True)
class Taken:
    """Time that is gone of somebody, or of all; until `expires_at` if it is only kept, and by which hold."""

    place: int | None
    minutes: range
    expires_at: datetime | None = None
    hold: int | None = None


@dataclass
class Ledger:
    """Who is there, and what is taken."""

    now: datetime
    people: dict[int, Place] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    holds: dict[int, datetime] = field(default_factory=dict)
    """Until when each hold lives."""

    def reason_against(self, asked: Visit | Letting, *, hold: int | None = None, blocked: bool = False) -> str | None:
        """Return the reason that must be told; None where it can be had. `hold` is one of the caller's own."""
        against = {"client_blocked"} if blocked else set[str]()
        if hold is not None and self.holds[hold] <= self.now:
            against.add("hold_expired")
        ways = self._ways(asked, hold) if isinstance(asked, Visit) else [self._against_letting(asked, hold)]
        firsts = [first(against | reasons) for reasons in ways]
        return max(firsts, key=lambda reason: len(PRECEDENCE) if reason is None else PRECEDENCE.index(reason))

    def outcomes(self, visit: Visit) -> dict[Outcome, list[Team]]:
        """Return what can come of a visit at its start, and by which teams."""
        can = (team for team in self.teams(visit) if not self._against_team(visit, team, None))
        return _by_outcome(visit, can) if self.reason_against(visit) is None else {}

    def tells_all(self, visit: Visit) -> bool:
        """Say whether a search tells all outcomes of each start; else it tells one: what comes if nobody is named."""
        several = len(visit.parts) > 1
        return not several or len(_by_outcome(visit, self.teams(visit))) * len(visit.parts) <= MOST_TOLD

    def teams(self, visit: Visit) -> list[Team]:
        """Return everybody who could do the parts, whenever: one team for each way to choose them."""
        return list(product(*(self._able(work, staff) for work, staff in visit.parts)))

    def takes(self, visit: Visit, team: Sequence[int]) -> list[tuple[int, range]]:
        """Return whose time a team's visit takes: of each run of parts the first buffer before, the last one after."""
        found, at = [], visit.start
        for who, run in groupby(zip(visit.parts, team, strict=True), key=lambda pair: pair[1]):
            works = [work for (work, _), _ in run]
            end = at + sum(work.performers[who][0] for work in works)
            found.append((who, range(at - works[0].before, end + works[-1].after)))
            at = end
        return found

    def _able(self, work: Work, staff: int | None) -> list[int]:
        return [one for one in work.performers if staff in {None, one} and self.people[one].active]

    def _ways(self, visit: Visit, hold: int | None) -> list[Reasons]:
        """Return what speaks against each team; where there is none, why."""
        nobody = {reason for work, staff in visit.parts for reason in self._why_nobody(work, staff)}
        return [nobody] if nobody else [self._against_team(visit, team, hold) for team in self.teams(visit)]

    def _why_nobody(self, work: Work, staff: int | None) -> Reasons:
        asked = [one for one in work.performers if staff in {None, one}]
        named_left = staff is not None and not self.people[staff].active
        all_left = bool(asked) and not any(self.people[one].active for one in asked)
        gone = not work.active or named_left or all_left
        checks = {"resource_inactive": gone, "staff_not_assigned": not asked}
        return {reason for reason, holds in checks.items() if holds}

    def _against_team(self, visit: Visit, team: Sequence[int], hold: int | None) -> Reasons:
        reasons = {reason for work, _ in visit.parts for reason in work.reasons_against(visit.start, self.now)}
        if visit.start not in self.people[team[0]].starts:
            reasons.add("not_on_grid")
        at = visit.start
        for (work, _), who in zip(visit.parts, team, strict=True):
            end = at + work.performers[who][0]
            if not self.people[who].minutes.issuperset(range(at, end)):
                reasons.add("outside_opening_hours")
            at = end
        takes = self.takes(visit, team)
        if any(self._is_taken(who, minutes, hold) for who, minutes in takes):
            reasons.add("slot_taken")
        return self._in_time(reasons, visit.start, takes, hold)

    def _against_letting(self, asked: Letting, hold: int | None) -> Reasons:
        house, minutes = asked.house, range(asked.start, asked.end)
        if not house.place.active:
            return {"resource_inactive"}
        checks = {
            "duration_out_of_range": not house.shortest <= len(minutes) <= house.longest,
            "party_too_large": asked.party > house.capacity,
            "outside_opening_hours": not house.place.minutes.issuperset(minutes),
            "not_on_grid": asked.start not in house.place.starts or asked.end not in house.place.ends,
            "slot_taken": self._is_taken(house.place.id, minutes, hold),
        }
        reasons = house.reasons_against(asked.start, self.now) | {reason for reason, holds in checks.items() if holds}
        return self._in_time(reasons, asked.start, [(house.place.id, minutes)], hold)

    def _in_time(self, reasons: Reasons, start: int, takes: Sequence[tuple[int, range]], hold: int | None) -> Reasons:
        """Return the reasons without those of notice and horizon, where a living hold keeps all that is taken."""
        living = [one for one in self.taken if hold is not None and one.hold == hold and self.holds[hold] > self.now]
        kept = {(one.place, minute) for one in living for minute in one.minutes}
        is_kept = kept.issuperset((place, minute) for place, minutes in takes for minute in minutes)
        only_late = reasons <= {"notice_too_short", "beyond_horizon"}
        return set() if is_kept and only_late and instant(start) >= self.now else reasons

    def _is_taken(self, place: int, minutes: range, hold: int | None) -> bool:
        return any(
            one.place in {None, place} and one.minutes.start < minutes.stop and minutes.start < one.minutes.stop
            for one in self.taken
            if (one.expires_at is None or one.expires_at > self.now) and (hold is None or one.hold != hold)
        )


def _by_outcome(visit: Visit, teams: Iterable[Team]) -> dict[Outcome, list[Team]]:
    found: dict[Outcome, list[Team]] = {}
    for team in teams:
        done = [work.performers[who] for (work, _), who in zip(visit.parts, team, strict=True)]
        found.setdefault((sum(minutes for minutes, _ in done), sum(price for _, price in done)), []).append(team)
    return found


def first(reasons: Reasons) -> str | None:
    """Return the one of several reasons that is told."""
    return min(reasons, key=PRECEDENCE.index, default=None)


def instant(minute: int) -> datetime:
    """Return the instant of a minute."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)


def minute_of(at: datetime) -> int:
    """Return the minute of an instant that has no seconds."""
    minute, rest = divmod(at - datetime(1970, 1, 1, tzinfo=UTC), timedelta(minutes=1))
    assert not rest
    return minute
