"""What was booked in a period of the business's days, each figure in a fixed number of statements."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.extensions import business, db
from app.kit.intervals import Span
from app.models import BookingStatus, Staff
from app.reports import diary_queries as queries
from app.reports.months import days, span_of
from app.reports.open_time import open_minutes, open_times, share
from app.reports.queries import COUNTED

Counts = Mapping[BookingStatus, int]


@dataclass(frozen=True, slots=True)
class Utilisation:
    """How much of the time in which somebody worked was booked."""

    staff_id: int
    staff_name: str
    booked_minutes: int
    open_minutes: int

    @property
    def utilisation(self) -> float | None:
        """Booked by open."""
        return share(self.booked_minutes, self.open_minutes)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was booked from `first` to `last`, both included, days of `timezone`."""

    first: date
    last: date
    timezone: str
    bookings: Counts
    clients: int
    returning_clients: int
    utilisation: list[Utilisation]

    @property
    def total(self) -> int:
        """All bookings, whatever became of them."""
        return sum(self.bookings.values())

    @property
    def new_clients(self) -> int:
        """Clients that had never been here before."""
        return self.clients - self.returning_clients

    @property
    def no_show_rate(self) -> float | None:
        """Of the bookings that are over, those that nobody came to."""
        missed = self.bookings[BookingStatus.NO_SHOW]
        return share(missed, missed + self.bookings[BookingStatus.COMPLETED])

    @property
    def cancellation_rate(self) -> float | None:
        """Of the bookings that were agreed on, those that were given up."""
        cancelled = self.bookings[BookingStatus.CANCELLED]
        return share(cancelled, cancelled + sum(self.bookings[status] for status in COUNTED))


def summary(first: date, last: date) -> Summary:
    """Return what was booked, in seven statements."""
    span = span_of(first, last, business.timezone)
    here, returning = db.session.execute(queries.clients(span)).one()
    counts = counted(span)
    return Summary(first, last, business.timezone, counts, here, int(returning), utilisation(span))


def counted(span: Span) -> Counts:
    """Return how many bookings that begin in the span have each status."""
    return Counter({BookingStatus(status): n for status, n in db.session.execute(queries.by_status(span))})


def utilisation(span: Span) -> list[Utilisation]:
    """Return everybody's, in five statements: who works here, and who else was booked."""
    booked = {staff_id: int(minutes) for staff_id, minutes in db.session.execute(queries.minutes_of_staff(span))}
    staff = db.session.scalars(queries.staff_reported(booked)).all()
    return list(_used(staff, booked, span))


def _used(staff: Iterable[Staff], booked: Mapping[int, int], span: Span) -> Iterable[Utilisation]:
    diaries = open_times({one.id: one.timezone for one in staff}, span)
    for one in staff:
        minutes = booked.get(one.id, 0)
        opened = max(minutes, open_minutes(diaries[one.id], span))  # time off may have come over what was booked
        yield Utilisation(one.id, one.name, minutes, opened)


def by_day(first: date, last: date) -> list[tuple[str, Counts]]:
    """Return each day, `YYYY-MM-DD`, with its bookings by status, in one statement."""
    pieces = days(first, last, business.timezone)
    counts: dict[str, Counter[BookingStatus]] = {piece.name: Counter() for piece in pieces}
    for day, status, n in db.session.execute(queries.by_day(pieces)):
        counts[day][BookingStatus(status)] = n
    return list(counts.items())
