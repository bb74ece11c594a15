"""Taking and releasing time. The only code that writes allocations; the database refuses the second taker."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.exc import IntegrityError

from app.diary import queries
from app.diary.cause import Cause
from app.diary.errors import SlotTaken
from app.extensions import BULK, db
from app.kit.inserts import Row, row_of
from app.models import Allocation, Resource
from app.models.diary import NO_OVERLAP
from app.transactions import insert_rows

Taken = tuple[int, datetime, datetime]
"""A resource, and from when to when it is taken."""


def lock_resources(resource_ids: Iterable[int] | Select[int]) -> set[int]:
    """Lock the resources, named or selected, in id order until the transaction (or savepoint) ends; return their ids.

    `FOR NO KEY UPDATE` lets rows that refer to the resource be inserted meanwhile; SQLite ignores it, as its writers
    already stand in line.
    """
    wanted = resource_ids if isinstance(resource_ids, Select) else sorted(set(resource_ids))
    found = select(Resource.id).where(Resource.id.in_(wanted)).order_by(Resource.id)
    return set(db.session.scalars(found.with_for_update(key_share=True)))


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
    return _delete(queries.taken_by(cause))


def free_lapsed(resource_ids: Collection[int], now: datetime) -> list[Taken]:
    """Delete what pending bookings and holds past their time still have of these resources; return it.

    The caller has locked them. What the booking itself becomes is written down by its own task: it may have taken time
    of others too, and to lock those now would break the order.
    """
    return _delete(Allocation.resource_id.in_(resource_ids), Allocation.expires_at <= now)


def _delete(*conditions: ColumnElement[bool]) -> list[Taken]:
    gone = delete(Allocation).where(*conditions)
    columns = (Allocation.resource_id, Allocation.starts_at, Allocation.ends_at)
    rows = db.session.execute(gone.returning(*columns), execution_options=BULK)
    return [(resource_id, starts_at, ends_at) for resource_id, starts_at, ends_at in rows]


def keep_until(booking_id: int, expires_at: datetime | None) -> None:
    """Let a booking's allocations lapse at `expires_at`, or never."""
    for allocation in db.session.scalars(select(Allocation).where(Allocation.booking_id == booking_id)):
        allocation.expires_at = expires_at
