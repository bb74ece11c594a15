"""Taking and releasing time. The only code that writes allocations; the database refuses the second taker."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, select

from app.diary.cause import Cause
from app.diary.errors import SlotTaken
from app.extensions import db
from app.models import Allocation, Resource
from app.models.diary import NO_OVERLAP
from app.transactions import refusing

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


def claim(allocations: Collection[Allocation]) -> None:
    """Write allocations, all or none. Raises `SlotTaken` where the database finds the time taken."""
    with refusing(NO_OVERLAP, SlotTaken):
        db.session.add_all(allocations)


def release(cause: Cause) -> list[Taken]:
    """Delete what a booking or a hold has taken at once (not at the next flush, which inserts first); return it."""
    return _delete(_of(cause))


def free_lapsed(resource_ids: Collection[int], now: datetime) -> list[Taken]:
    """Delete what pending bookings and holds past their time still have of these resources; return it.

    The caller has locked them. What the booking itself becomes is written down by its own task: it may have taken time
    of others too, and to lock those now would break the order.
    """
    return _delete(Allocation.resource_id.in_(resource_ids), Allocation.expires_at <= now)


def _of(cause: Cause) -> ColumnElement[bool]:
    if cause.hold_id is not None:
        return Allocation.hold_id == cause.hold_id
    return Allocation.booking_id == cause.booking_id


def _delete(*conditions: ColumnElement[bool]) -> list[Taken]:
    gone = delete(Allocation).where(*conditions)
    columns = (Allocation.resource_id, Allocation.starts_at, Allocation.ends_at)
    rows = db.session.execute(gone.returning(*columns), execution_options={"synchronize_session": False})
    return [(resource_id, starts_at, ends_at) for resource_id, starts_at, ends_at in rows]


def keep_until(booking_id: int, expires_at: datetime | None) -> None:
    """Let a booking's allocations lapse at `expires_at`, or never."""
    for allocation in db.session.scalars(select(Allocation).where(Allocation.booking_id == booking_id)):
        allocation.expires_at = expires_at
