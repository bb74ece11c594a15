"""Time off and closures: rows of their own, whose allocations are the parts not already taken."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select

from app.diary import queries
from app.diary.allocations import claim, lock_resources, release
from app.diary.cause import Cause
from app.diary.errors import BookingsInTheWay
from app.diary.events import time_freed
from app.diary.openings import wall_seconds
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Invalid, NotFound
from app.kit.intervals import merged, to_instant, to_span, without
from app.models import Allocation, Booking, Closure, Resource
from app.models.diary import DAY_MINUTES

LONGEST = timedelta(days=366)
"""What the tables allow; more is several closures."""

FURTHEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Clash:
    """A booking that lies in a closure's time; the instants are those of the taken time."""

    booking_id: int
    reference: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """An interval to be closed, and why."""

    starts_at: datetime
    ends_at: datetime
    reason: str = ""


def add_closure(
    *, resource_id: int, absence: Absence, force: bool, actor_id: int | None
) -> tuple[Closure, list[Clash]]:
    """Close a resource for at most 366 days; return the closure and the bookings that stay in it.

    Raises `Invalid`, and `BookingsInTheWay` with the list, unless `force`.
    """
    _check(absence)
    lock_resources([resource_id])
    clashes = bookings_meeting(resource_id, absence.starts_at, absence.ends_at)
    if clashes and not force:
        raise BookingsInTheWay(extra={"clashes": [asdict(clash) for clash in clashes]})
    closure = Closure(
        resource_id=resource_id,
        starts_at=absence.starts_at,
        ends_at=absence.ends_at,
        reason=absence.reason,
        created_by=actor_id,
    )
    db.session.add(closure)
    db.session.flush()
    _claim_rest(resource_id, [closure])
    return closure, clashes


def list_closures(resource: Resource, first: date | None, last: date | None) -> Select[Closure]:
    """Return the select of a resource's own closures on some days of its zone."""
    since = None if first is None else to_instant(wall_seconds(first, 0, resource.timezone))
    until = None if last is None else to_instant(wall_seconds(last, DAY_MINUTES, resource.timezone))
    return queries.closures_of(resource.id, since, until)


def remove_closure(resource_id: int, closure_id: int) -> None:
    """Open the time again; where another closure lies over it, that one takes it. Raises `NotFound`."""
    lock_resources([resource_id])
    closure = db.session.scalars(queries.own_closure(resource_id, closure_id)).one_or_none()
    if closure is None:
        raise NotFound
    release(Cause(closure_id=closure.id))
    interval = closure.starts_at, closure.ends_at
    db.session.delete(closure)
    db.session.flush()
    reclaim_for_closures(resource_id, *interval)


def reclaim_for_closures(resource_id: int, starts_at: datetime, ends_at: datetime) -> None:
    """Give freed time to the closures that lie over it, and announce it: all time that is freed comes through here.

    The caller holds the resource's lock.
    """
    closures = db.session.scalars(queries.closures_meeting([resource_id], starts_at, ends_at))
    _claim_rest(resource_id, list(closures))
    time_freed.send(resource_id, starts_at=starts_at, ends_at=ends_at)


def bookings_meeting(resource_id: int, starts_at: datetime, ends_at: datetime) -> list[Clash]:
    """Return the bookings that take time in the interval."""
    columns = (Booking.id, Booking.reference, Allocation.starts_at, Allocation.ends_at)
    found = (
        queries.allocations_meeting([resource_id], starts_at, ends_at, *columns)
        .join(Booking, Booking.id == Allocation.booking_id)
        .where(queries.still_counting(utcnow()))
        .order_by(Allocation.starts_at)
    )
    return [Clash(*row) for row in db.session.execute(found)]


def _check(absence: Absence) -> None:
    if absence.ends_at <= absence.starts_at:
        raise Invalid.field("ends_at", "Must be after starts_at.")
    start, end = to_span(absence.starts_at, absence.ends_at)
    if end - start > LONGEST.total_seconds():  # of the whole seconds that are taken
        raise Invalid.field("ends_at", f"At most {LONGEST.days} days at a time.")
    if absence.ends_at > utcnow() + FURTHEST:
        raise Invalid.field("ends_at", "Must lie within the next ten years.")


def _claim_rest(resource_id: int, closures: Sequence[Closure]) -> None:
    for closure in closures:
        rows = queries.allocations_meeting(
            [resource_id], closure.starts_at, closure.ends_at, Allocation.starts_at, Allocation.ends_at
        )
        taken = [(starts_at, ends_at) for starts_at, ends_at in db.session.execute(rows)]
        gaps = ((resource_id, *gap) for gap in _gaps(closure, taken))
        claim(gaps, Cause(closure_id=closure.id), until=None)


def _gaps(closure: Closure, taken: Collection[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    whole = to_span(closure.starts_at, closure.ends_at)
    free = without(whole, merged(to_span(*interval) for interval in taken))
    return [(to_instant(start), to_instant(end)) for start, end in free]
