"""Whom "anybody" falls on: who has the fewest booked minutes that day, ties by id (product.md §5)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from app.bookings import queries
from app.bookings.work import Candidate
from app.diary.openings import local_date, wall_seconds
from app.extensions import db
from app.kit.intervals import Span, to_instant, to_seconds, to_span
from app.models.diary import DAY_MINUTES


class Fairness:
    """The order in which staff are asked; nothing is read before there is a choice.

    The day is that of the start in each one's own zone. Booked is what bookings show, the work from start to end: not
    its buffers, nor time off, nor what was given up or has lapsed; of work over midnight, the part on that day.
    """

    def __init__(self, staff: Mapping[int, Candidate], starts_at: datetime, first: Collection[int] = ()) -> None:
        """Compare `staff`, by id, on the day of `starts_at`; those whose ids are in `first` come before all others."""
        self.staff, self.starts_at, self.first = staff, starts_at, first
        self._booked: dict[int, int] | None = None

    def __call__(self, staff_id: int) -> tuple[bool, int]:
        """Return what to sort by."""
        if self._booked is None:
            self._booked = self._read()
        return staff_id not in self.first, self._booked[staff_id]

    def _read(self) -> dict[int, int]:
        """Return the booked seconds of everybody on their day, in one statement."""
        days = {staff_id: _day_of(self.starts_at, one.timezone) for staff_id, one in self.staff.items()}
        dawns, dusks = zip(*days.values(), strict=True)
        booked = dict.fromkeys(days, 0)
        for item in db.session.execute(queries.items_of_staff(days, to_instant(min(dawns)), to_instant(max(dusks)))):
            dawn, dusk = days[item.staff_id]
            begin, end = to_span(item.starts_at, item.ends_at)
            booked[item.staff_id] += max(0, min(end, dusk) - max(begin, dawn))
        return booked


def _day_of(at: datetime, timezone: str) -> Span:
    today = local_date(to_seconds(at), timezone)
    return wall_seconds(today, 0, timezone), wall_seconds(today, DAY_MINUTES, timezone)
