"""Whom "anybody" falls on: who has the fewest booked minutes that day, ties by id (product.md §5)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import cache, cached_property

from app.bookings import queries
from app.bookings.work import Candidate
from app.diary.openings import local_date, wall_seconds
from app.extensions import db
from app.kit.intervals import Span, to_instant, to_span
from app.models.diary import DAY_MINUTES


class Fairness:
    """The order in which staff are asked; nothing is read before there is a choice, and then once.

    The day is that of the start in each one's own zone. Booked is what bookings show, the work from start to end: not
    its buffers, nor time off, nor what was given up or has lapsed; of work over midnight, the part on that day.
    """

    def __init__(self, staff: Mapping[int, Candidate], window: Span, first: Collection[int] = ()) -> None:
        """Compare `staff`, by id, for starts in `window`; those whose ids are in `first` come before all others."""
        self.staff, self.window, self.first = staff, window, first

    def at(self, start: int) -> Callable[[int], tuple[bool, int]]:
        """Return what to sort staff ids by for a visit from `start` on."""

        def rank(staff_id: int) -> tuple[bool, int]:
            day = self._days(start, self.staff[staff_id].timezone)
            return staff_id not in self.first, self._booked(staff_id, day)

        return rank

    @cached_property
    def _booked(self) -> Callable[[int, Span], int]:
        return cache(self._count_booked)

    @cached_property
    def _days(self) -> Callable[[int, str], Span]:
        return cache(_day_of)

    def _count_booked(self, staff_id: int, day: Span) -> int:
        """Return the booked seconds of somebody on a day."""
        dawn, dusk = day
        return sum(max(0, min(end, dusk) - max(begin, dawn)) for begin, end in self._work[staff_id])

    @cached_property
    def _work(self) -> Mapping[int, list[Span]]:
        """What everybody does on the days of the window, in one statement."""
        begin, end = self.window
        zones = {one.timezone for one in self.staff.values()}
        first, last = min(_day_of(begin, zone) for zone in zones), max(_day_of(end - 1, zone) for zone in zones)
        work: defaultdict[int, list[Span]] = defaultdict(list)
        for item in db.session.execute(queries.items_of_staff(self.staff, to_instant(first[0]), to_instant(last[1]))):
            work[item.staff_id].append(to_span(item.starts_at, item.ends_at))
        return work


def _day_of(at: int, timezone: str) -> Span:
    today = local_date(at, timezone)
    return wall_seconds(today, 0, timezone), wall_seconds(today, DAY_MINUTES, timezone)
