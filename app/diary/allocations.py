"""Taking and releasing time. The only code that writes allocations; the database refuses the second taker."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Select, delete, select

from app.diary.errors import SlotTaken
from app.extensions import db
from app.models import Allocation, Resource
from app.models.diary import NO_OVERLAP
from app.transactions import refusing


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


def release(*, booking_id: int) -> list[Allocation]:
    """Delete a booking's allocations at once (not at the next flush, which inserts first); return what they were."""
    freed = list(db.session.scalars(select(Allocation).where(Allocation.booking_id == booking_id)))
    db.session.execute(delete(Allocation).where(Allocation.booking_id == booking_id))
    for allocation in freed:
        db.session.expunge(allocation)
    return freed


def keep_until(booking_id: int, expires_at: datetime | None) -> None:
    """Let a booking's allocations lapse at `expires_at`, or never."""
    for allocation in db.session.scalars(select(Allocation).where(Allocation.booking_id == booking_id)):
        allocation.expires_at = expires_at
