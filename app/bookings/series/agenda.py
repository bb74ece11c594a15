"""The dates of a series, each decided by the engine of every booking, all by diaries that are read once."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from app.bookings.errors import RANK, ClientLimit, Unavailability
from app.bookings.plan import Plan
from app.bookings.service.deciding import taking_back
from app.bookings.service.expiry import free_overdue
from app.bookings.slots import MOST_ALTERNATIVES, nearest, window_around
from app.bookings.wishes import NOTHING, Letting, Own, Visit
from app.diary.outlook import Outlook
from app.kit.intervals import Span
from app.models import Booking
from app.users.errors import ClientBlocked

AVAILABLE, BOOKED = "available", "booked"
"""Verdicts beside the codes of the reasons."""

Dates = Sequence[tuple[Visit | Letting, datetime]]
"""What is wished for, and from when on; the earliest first."""


@dataclass(slots=True)
class Decision:
    """What becomes of one date: a plan or a reason against it; and at last a booking."""

    wish: Visit | Letting
    starts_at: datetime
    plan: Plan | None = None
    reason: Unavailability | None = None
    booking: Booking | None = None

    @property
    def verdict(self) -> str:
        """Say `booked`, `available`, or the code of the reason."""
        if self.reason is not None:
            return self.reason.code
        return AVAILABLE if self.booking is None else BOOKED

    def alternatives(self, now: datetime, most: int = MOST_ALTERNATIVES) -> list[dict[str, object]]:
        """Return what is near and none of the series' own; nothing for whom another time is no help."""
        if self.reason is ClientLimit:
            return []
        found = nearest(self.wish.near(self.starts_at, now, NOTHING), self.starts_at)
        return [slot.shown() for slot in found[:most]]


class Agenda:
    """The decisions about the dates: what one of them takes, the next no longer has."""

    def __init__(self, now: datetime) -> None:
        """Decide at the present instant `now`."""
        self.now = now
        self.decisions: list[Decision] = []

    def decide(self, dates: Dates, most: int | None = None) -> None:
        """Decide about the dates in their order, and for no more than `most` of them favourably.

        Where anybody may do the work, whoever does it on the first date comes before all others on the next ones.
        """
        outlook, staff_ids = Outlook(_span_of(dates, self.now)), frozenset[int]()
        for wish, starts_at in dates:
            decision = Decision(replace(wish, read=outlook), starts_at)
            self.decisions.append(decision)
            self._decide(decision, staff_ids, most)
            if decision.plan is not None:
                outlook.take(decision.plan.taken)
                staff_ids = staff_ids or _staff_of(decision.plan)

    @property
    def planned(self) -> list[tuple[Decision, Plan]]:
        """The dates that can be had."""
        return [(decision, decision.plan) for decision in self.decisions if decision.plan is not None]

    @property
    def refused(self) -> list[Unavailability]:
        """Why others cannot be had, the first date's reason first."""
        return [decision.reason for decision in self.decisions if decision.reason is not None]

    def require_all(self) -> None:
        """Raise the first reason against any date."""
        if self.refused:
            raise self.refused[0]

    def free_overdue(self) -> None:
        """Free what has lapsed on the resources that are planned with; the caller has locked them."""
        resource_ids = {resource_id for _, plan in self.planned for resource_id, _, _ in plan.taken}
        free_overdue(resource_ids, self.now)

    def telling(self) -> AbstractContextManager[None]:
        """Take back what was done where a reason against a date is raised, and let it tell of each date."""
        return taking_back(self._told, ClientLimit, *RANK.keys() - {ClientBlocked})

    def preview(self) -> list[dict[str, object]]:
        """Return a verdict and an alternative for each date."""
        return [
            {
                "starts_at": decision.starts_at,
                "verdict": decision.verdict,
                "booking": None,
                "alternatives": decision.alternatives(self.now, 1),
            }
            for decision in self.decisions
        ]

    def outcome(self) -> list[dict[str, object]]:
        """Return the verdict and the booking of each date, and what could be had in place of those without one."""
        return [
            {
                "starts_at": decision.starts_at,
                "verdict": decision.verdict,
                "booking": decision.booking,
                "alternatives": decision.alternatives(self.now) if decision.reason is not None else [],
            }
            for decision in self.decisions
        ]

    def _told(self) -> dict[str, object]:
        for decision in self.decisions:
            decision.booking = None  # taken back
        refused = [decision for decision in self.decisions if decision.reason is not None]
        near = refused[0].alternatives(self.now) if refused else []
        return {"alternatives": near, "dates": self.preview()}

    def _decide(self, decision: Decision, staff_ids: Collection[int], most: int | None) -> None:
        found = decision.wish.plan(decision.starts_at, self.now, Own(staff_ids=staff_ids))
        if isinstance(found, list):
            decision.reason = found[0]
        elif most is not None and len(self.planned) >= most:
            decision.reason = ClientLimit
        else:
            decision.plan = found


def _span_of(dates: Dates, now: datetime) -> Span:
    """Return the seconds in which all is that the dates, and what is near them, can be asked about."""
    spans = [_around(wish, starts_at, now) for wish, starts_at in dates]
    return min(begin for begin, _ in spans), max(end for _, end in spans)


def _around(wish: Visit | Letting, starts_at: datetime, now: datetime) -> Span:
    begin, end = window_around(starts_at, wish.bookable(now))
    return begin - wish.reach[0], end + wish.reach[1]


def _staff_of(plan: Plan) -> frozenset[int]:
    return frozenset(item.staff_id for item in plan.items if item.staff_id is not None)
