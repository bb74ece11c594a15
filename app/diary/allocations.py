"""Taking and releasing time. The only code that writes allocations; the database refuses the second taker."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import Enum, auto
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from app.diary import queries
from app.diary.cause import Cause
from app.diary.errors import SlotTaken
from app.extensions import BULK, db
from app.kit.among import Among, among
from app.kit.inserts import Row, row_of
from app.kit.prepared import PREPARED
from app.models import Allocation, Resource
from app.models.diary import NO_OVERLAP
from app.transactions import insert_rows

Taken = tuple[int, datetime, datetime]
"""A resource, and from when to when it is taken."""


class Lock(Enum):
    """How resources are locked: for us alone, by waiting or only if that is free; or together with all who wait too.

    `FOR NO KEY UPDATE` lets rows that refer to the resource be inserted meanwhile; SQLite ignores it, as its writers
    already stand in line.
    """

    WAITING = auto()
    AT_ONCE = auto()
    TOGETHER = auto()


_LOCKS: Mapping[Lock, dict[str, Any]] = {
    Lock.WAITING: {"key_share": True},
    Lock.AT_ONCE: {"key_share": True, "skip_locked": True},
    Lock.TOGETHER: {"read": True},
}


def locking(which: Select[int] | Among, how: Lock = Lock.WAITING) -> Select[int]:
    """Select the ids of resources, and lock them in id order until the transaction (or savepoint) ends.

    `which` is a condition, or selects their ids.
    """
    wanted = _RESOURCES.id.in_(which) if isinstance(which, Select) else which
    found = select(_RESOURCES.id).where(wanted).order_by(_RESOURCES.id)
    return found.with_for_update(**_LOCKS[how])


_RESOURCES, _TAKEN = Resource.__table__.c, Allocation.__table__.c
_LOCKING = locking(among(_RESOURCES.id, "resource_ids")).execution_options(**PREPARED)
_FREEING_LAPSED = (
    delete(cast(Table, Allocation.__table__))
    .where(among(_TAKEN.resource_id, "resource_ids"), _TAKEN.expires_at <= bindparam("now"))
    .returning(_TAKEN.resource_id, _TAKEN.starts_at, _TAKEN.ends_at)
    .execution_options(**PREPARED)
)


def lock_resources(resource_ids: Iterable[int] | Select[int]) -> set[int]:
    """Lock the resources, named or selected, as `locking` does; return their ids."""
    if isinstance(resource_ids, Select):
        return set(db.session.scalars(locking(resource_ids)))
    return set(db.session.scalars(_LOCKING, {"resource_ids": sorted(set(resource_ids))}))


def claim(taken: Iterable[Taken], cause: Cause, until: datetime | None) -> None:
    """Take time for a cause, all or none of it; it lapses at `until`, or never.

    Raises `SlotTaken` where the database finds it taken.
    """
    with db.session.begin_nested():
        claim_with([], taken, cause, until)


def claim_with(rows: Sequence[Row], taken: Iterable[Taken], cause: Cause, until: datetime | None) -> list[int]:
    """Take time as `claim` does, and write `rows` besides, where it can be in one statement; return their ids.

    Raises `SlotTaken`: the caller goes back to a savepoint then.
    """
    whose = {"expires_at": until, **asdict(cause)}
    claimed = [
        row_of(Allocation, {"resource_id": resource_id, "starts_at": starts_at, "ends_at": ends_at, **whose})
        for resource_id, starts_at, ends_at in taken
    ]
    try:
        return insert_rows([*rows, *claimed])[: len(rows)]
    except IntegrityError as error:
        if NO_OVERLAP not in str(error.orig):
            raise
        raise SlotTaken from error


def release(cause: Cause) -> list[Taken]:
    """Delete what a cause has taken, at once (not at the next flush, which inserts first); return it."""
    gone = delete(Allocation).where(queries.taken_by(cause))
    columns = (Allocation.resource_id, Allocation.starts_at, Allocation.ends_at)
    rows = db.session.execute(gone.returning(*columns), execution_options=BULK)
    return [(resource_id, starts_at, ends_at) for resource_id, starts_at, ends_at in rows]


def free_lapsed(resource_ids: Collection[int], now: datetime) -> list[Taken]:
    """Delete what pending bookings and holds past their time still have of these resources; return it.

    The caller has locked them. What the booking itself becomes is written down by its own task: it may have taken time
    of others too, and to lock those now would break the order.
    """
    rows = db.session.execute(_FREEING_LAPSED, {"resource_ids": list(resource_ids), "now": now})
    return [(resource_id, starts_at, ends_at) for resource_id, starts_at, ends_at in rows]


def keep_until(booking_id: int, expires_at: datetime | None) -> None:
    """Let a booking's allocations lapse at `expires_at`, or never."""
    for allocation in db.session.scalars(select(Allocation).where(Allocation.booking_id == booking_id)):
        allocation.expires_at = expires_at
