"""The selects that diaries are read with: a fixed number, however many resources, days or past bookings."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, false, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.diary.cause import Cause
from app.models import Allocation, Closure, DayHours, OpeningRule, Resource

ResourceIds = Collection[int]

earlier = aliased(Allocation, name="earlier")
reaching = aliased(Allocation, name="reaching")


def rules_of(resource_id: int) -> Select[OpeningRule]:
    """Select one resource's weekly rules, in order."""
    rules = select(OpeningRule).where(OpeningRule.resource_id == resource_id)
    return rules.order_by(OpeningRule.weekday, OpeningRule.opens)


def own_hours_of(resource_id: int, day: date) -> Select[DayHours]:
    """Select the hours that one date of a resource has of its own, in order."""
    own = select(DayHours).where(DayHours.resource_id == resource_id, DayHours.date == day)
    return own.order_by(DayHours.opens)


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


def closures_of(resource_id: int, starts_at: datetime | None, ends_at: datetime | None) -> Select[Closure]:
    """Select a resource's own closures that share time with the interval, open at both ends."""
    found = select(Closure).where(Closure.resource_id == resource_id)
    if starts_at is not None:
        found = found.where(Closure.ends_at > starts_at)
    if ends_at is not None:
        found = found.where(Closure.starts_at < ends_at)
    return found


def own_closure(resource_id: int, closure_id: int) -> Select[Closure]:
    """Select one closure, if it is this resource's."""
    return select(Closure).where(Closure.id == closure_id, Closure.resource_id == resource_id)


def allocations_meeting(
    resource_ids: ResourceIds, starts_at: datetime, ends_at: datetime, *columns: Any
) -> Select[*tuple[Any, ...]]:
    """Select `columns` of the allocations that share time with the interval.

    As allocations of one resource never overlap, only the last one that starts before the interval can reach into
    it. Where the earliest of those starts, one short range of the index begins, however long the diary.
    """
    return select(*columns).where(
        Allocation.resource_id.in_(resource_ids),
        Allocation.starts_at >= _first_start(resource_ids, starts_at),
        Allocation.starts_at < ends_at,
        Allocation.ends_at > starts_at,
    )


def is_taken(
    resource_id: SQLColumnExpression[int], starts_at: datetime, ends_at: datetime, now: datetime
) -> ColumnElement[bool]:
    """Return the condition that a resource has something in the interval, or all resources have: by one look-up each.

    Of what still counts at `now`, which never overlaps, the last that starts before the interval's end ends last.
    """
    last = (
        select(Allocation.ends_at)
        .where(Allocation.resource_id == resource_id, Allocation.starts_at < ends_at, still_counting(now))
        .order_by(Allocation.starts_at.desc())
        .limit(1)
    )
    everywhere = select(Closure.id).where(
        Closure.resource_id.is_(None), Closure.starts_at < ends_at, Closure.ends_at > starts_at
    )
    return or_(func.coalesce(last.scalar_subquery() > starts_at, false()), everywhere.exists())


def _first_start(resource_ids: ResourceIds, starts_at: datetime) -> ColumnElement[datetime]:
    """Return the start of the earliest allocation that reaches over `starts_at`; without one, `starts_at`."""
    last_before = (
        select(earlier.id)
        .where(earlier.resource_id == Resource.id, earlier.starts_at < starts_at)
        .order_by(earlier.starts_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    lasts = select(last_before).where(Resource.id.in_(resource_ids))
    first = select(func.min(reaching.starts_at)).where(reaching.id.in_(lasts), reaching.ends_at > starts_at)
    return func.coalesce(first.scalar_subquery(), literal(starts_at, Allocation.starts_at.type))


def taken_by(cause: Cause) -> ColumnElement[bool]:
    """Select what has been taken by a cause; by nobody, nothing."""
    return or_(false(), *(column == cause_id for column, cause_id in _named(cause)))


def _named(cause: Cause) -> list[tuple[InstrumentedAttribute[int | None], int]]:
    columns = (
        (Allocation.booking_id, cause.booking_id),
        (Allocation.hold_id, cause.hold_id),
        (Allocation.closure_id, cause.closure_id),
    )
    return [(column, cause_id) for column, cause_id in columns if cause_id is not None]


def still_counting(now: datetime) -> ColumnElement[bool]:
    """Leave out what a pending booking or hold past its time still has in the table."""
    return or_(Allocation.expires_at.is_(None), Allocation.expires_at > now)
