"""The one door to time: lock, free what has lapsed, check, claim.

The lock makes it fast, the check explains, and the database's constraint has the last word (product.md promise 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.bookings import queries
from app.bookings.availability import Terms, offered_starts, reasons_against
from app.bookings.errors import RANK, Unavailability
from app.bookings.slots import diaries_over
from app.bookings.work import Candidate, Wish, terms_for, wish_for
from app.diary.allocations import lock_resources
from app.diary.diaries import Diary
from app.diary.errors import ResourceInactive
from app.diary.openings import local_date, wall_seconds
from app.extensions import db
from app.kit.intervals import Span, to_instant, to_seconds, to_span
from app.models.diary import DAY_MINUTES
from app.staff.errors import StaffNotAssigned

LAST_SECOND = to_seconds(datetime(9990, 1, 1, tzinfo=UTC))
"""From here on no day is reckoned with, so that none overflows the calendar."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who can take the work, by id; or the reasons why nobody can, first of them the one to answer with."""

    free: list[Candidate]
    reasons: list[Unavailability]


def lock_wish(service_id: int, staff_id: int | None) -> Wish:
    """Lock the diaries of those asked for, and only then read what is asked for: as it is now, not as it was.

    Whoever is assigned to the service at this very moment, and therefore not locked, is not asked. Raises `NotFound`.
    """
    locked = lock_resources(queries.performers(service_id, staff_id))
    wish = wish_for(service_id, staff_id)
    return replace(wish, asked=[candidate for candidate in wish.asked if candidate.staff_id in locked])


def judge(wish: Wish, starts_at: datetime, now: datetime) -> Verdict:
    """Decide about one start, with the engine that lists slots.

    Where nobody is free, the reasons are those of the candidate that came furthest.
    """
    active = [candidate for candidate in wish.asked if candidate.active] if wish.service.active else []
    if not active:
        return Verdict([], _nobody(wish))
    start = to_seconds(starts_at)
    diaries = diaries_over(active, _window(start), now)
    free = [c for c in active if _is_offered(diaries[c.staff_id], terms_for(wish.service, c, now), starts_at)]
    if free:
        return Verdict(free, [])
    whole = starts_at.microsecond == 0
    reasons = (
        reasons_against(diaries[c.staff_id], terms_for(wish.service, c, now), start, whole_second=whole) for c in active
    )
    return Verdict([], max(reasons, key=lambda found: RANK[found[0]]))


def fairest(free: Sequence[Candidate], starts_at: datetime) -> Candidate:
    """Return who of several has the fewest booked minutes on the day of the start, ties by id; one statement.

    The day is that of the candidate's own zone. Booked is what bookings show, the work from start to end: not its
    buffers, nor time off, nor what was given up or has lapsed; of work over midnight, the part on that day.
    """
    days = {candidate.staff_id: _day_of(starts_at, candidate.timezone) for candidate in free}
    first, last = min(dawn for dawn, _ in days.values()), max(dusk for _, dusk in days.values())
    booked = dict.fromkeys(days, 0)
    for visit in db.session.execute(queries.visits(days.keys(), to_instant(first), to_instant(last))):
        dawn, dusk = days[visit.staff_id]
        begin, end = to_span(visit.starts_at, visit.ends_at)
        booked[visit.staff_id] += max(0, min(end, dusk) - max(begin, dawn))
    return min(free, key=lambda candidate: (booked[candidate.staff_id], candidate.staff_id))


def _nobody(wish: Wish) -> list[Unavailability]:
    """Return why there is nobody who could do it at any time."""
    retired = not wish.service.active or bool(wish.asked) or (wish.stranger is not None and not wish.stranger.active)
    return [ResourceInactive] * retired + [StaffNotAssigned] * (not wish.asked)


def _is_offered(diary: Diary, terms: Terms, starts_at: datetime) -> bool:
    start = to_seconds(starts_at)
    return starts_at.microsecond == 0 and offered_starts(diary, terms, (start, start + 1)) == [start]


def _window(start: int) -> Span:
    """Return the window of one start; in the last years of the calendar, where nothing is open, a little earlier."""
    near = min(start, LAST_SECOND)
    return near, near + 1


def _day_of(at: datetime, timezone: str) -> Span:
    today = local_date(to_seconds(at), timezone)
    return wall_seconds(today, 0, timezone), wall_seconds(today, DAY_MINUTES, timezone)
