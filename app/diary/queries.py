"""The selects that diaries are read with: a fixed number, however many resources, days or past bookings."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from app.models import Allocation, Closure, DayHours, OpeningRule, Resource

ResourceIds = Collection[int]


def weekly_hours(resource_ids: ResourceIds) -> Select[*tuple[Any, ...]]:
    """Select (resource_id, weekday, opens, closes)."""
    rule = OpeningRule
    return select(rule.resource_id, rule.weekday, rule.opens, rule.closes).where(rule.resource_id.in_(resource_ids))


def dated_hours(resource_ids: ResourceIds, first: date, last: date) -> Select[*tuple[Any, ...]]:
    """Select (resource_id, date, opens, closes) of the dates with hours of their own, both ends included."""
    own = DayHours
    return select(own.resource_id, own.date, own.opens, own.closes).where(
        own.resource_id.in_(resource_ids), own.date.between(first, last)
    )


def closures_meeting(resource_ids: ResourceIds, starts_at: datetime, ends_at: datetime) -> Select[Closure]:
    """Select the closures of these resources, and of the whole business, that share time with the interval."""
    return (
        select(Closure)
        .where(
            or_(Closure.resource_id.in_(resource_ids), Closure.resource_id.is_(None)),
            Closure.starts_at < ends_at,
            Closure.ends_at > starts_at,
        )
        .order_by(Closure.starts_at, Closure.id)
    )


def allocations_meeting(
    resource_ids: ResourceIds, starts_at: datetime, ends_at: datetime, *columns: Any
) -> Select[*tuple[Any, ...]]:
    """Select `columns` of the allocations that share time with the interval.

    As allocations of one resource never overlap, only the last one that starts before the interval can reach into
    it: it is looked up by itself, and the rest is one short range of the index, however long the diary.
    """
    wanted = or_(_starting_within(starts_at, ends_at), _reaching_into(resource_ids, starts_at))
    return select(*columns).where(Allocation.resource_id.in_(resource_ids), wanted)


def _starting_within(starts_at: datetime, ends_at: datetime) -> ColumnElement[bool]:
    return and_(Allocation.starts_at >= starts_at, Allocation.starts_at < ends_at)


def _reaching_into(resource_ids: ResourceIds, starts_at: datetime) -> ColumnElement[bool]:
    earlier = aliased(Allocation)
    last_before = (
        select(earlier.id)
        .where(earlier.resource_id == Resource.id, earlier.starts_at < starts_at)
        .order_by(earlier.starts_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    lasts = select(last_before).where(Resource.id.in_(resource_ids))
    return and_(Allocation.id.in_(lasts), Allocation.ends_at > starts_at)


def still_counting(now: datetime) -> ColumnElement[bool]:
    """Leave out what a pending booking or hold past its time still has in the table."""
    return or_(Allocation.expires_at.is_(None), Allocation.expires_at > now)
