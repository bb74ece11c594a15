"""The one door to time: lock, free what has lapsed, check, claim.

The lock makes it fast, the check explains, and the database's constraint has the last word (product.md promise 1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.bookings.availability import Terms, offered_starts, reasons_against
from app.bookings.errors import RANK, ResourceInactive, Unavailability
from app.bookings.slots import diaries_over
from app.bookings.work import Candidate, terms_for
from app.diary.allocations import lock_resources
from app.diary.diaries import Diary
from app.diary.openings import local_date, wall_seconds
from app.kit.intervals import Span, to_seconds
from app.models import Service, Staff
from app.staff.errors import StaffNotAssigned

LAST_SECOND = to_seconds(datetime(9990, 1, 1, tzinfo=UTC))
"""From here on no day is reckoned with, so that none overflows the calendar."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who takes the work, or the reasons why nobody can, first of them the one to answer with."""

    chosen: Candidate | None
    reasons: list[Unavailability]


def judge(
    service: Service,
    candidates: Sequence[Candidate],
    starts_at: datetime,
    wished: Staff | None,
    now: datetime,
) -> Verdict:
    """Decide about one start, with the engine that lists slots. `wished` None means anybody.

    Among several free candidates it is the one with the fewest booked minutes that day, ties by id; among none, the
    reasons are those of the candidate that came furthest.
    """
    asked = [c for c in candidates if wished is None or c.staff_id == wished.id]
    active = [c for c in asked if c.active] if service.active else []
    if not active:
        return Verdict(None, _nobody(service, asked, wished))
    start = to_seconds(starts_at)
    diaries = diaries_over(active, _window(start), now)
    free = [c for c in active if _is_offered(diaries[c.staff_id], terms_for(service, c, now), starts_at)]
    if free:
        return Verdict(min(free, key=lambda c: _fairness(diaries[c.staff_id], c, start)), [])
    whole = starts_at.microsecond == 0
    reasons = (
        reasons_against(diaries[c.staff_id], terms_for(service, c, now), start, whole_second=whole) for c in active
    )
    return Verdict(None, max(reasons, key=lambda found: RANK[found[0]]))


def _nobody(service: Service, asked: Sequence[Candidate], wished: Staff | None) -> list[Unavailability]:
    """Return why there is nobody who could do it at any time."""
    retired = not service.active or bool(asked) or (wished is not None and not wished.active)
    return [ResourceInactive] * retired + [StaffNotAssigned] * (not asked)


def lock_candidates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Lock the candidates' diaries in id order and return the candidates as active as they are now."""
    active: Mapping[int, bool] = lock_resources(candidate.staff_id for candidate in candidates)
    return [
        Candidate(c.staff_id, c.name, c.timezone, active[c.staff_id], c.price, c.duration_minutes) for c in candidates
    ]


def _is_offered(diary: Diary, terms: Terms, starts_at: datetime) -> bool:
    start = to_seconds(starts_at)
    return starts_at.microsecond == 0 and offered_starts(diary, terms, (start, start + 1)) == [start]


def _window(start: int) -> Span:
    """Return the window of one start; in the last years of the calendar, where nothing is open, a little earlier."""
    near = min(start, LAST_SECOND)
    return near, near + 1


def _fairness(diary: Diary, candidate: Candidate, start: int) -> tuple[int, int]:
    today = local_date(start, diary.timezone)
    dawn = wall_seconds(today, 0, diary.timezone)
    dusk = wall_seconds(today + timedelta(days=1), 0, diary.timezone)
    booked = sum(max(0, min(end, dusk) - max(begin, dawn)) for begin, end in diary.booked)
    return booked, candidate.staff_id
