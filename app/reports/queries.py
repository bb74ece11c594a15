"""The selects of reports."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import CTE, Integer, Select, String, case, column, false, func, select, true, values
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.kit.columns import UtcDateTime
from app.kit.intervals import to_instant
from app.models import Booking, BookingStatus, Resource, Role, Space
from app.reports.months import Month
from app.security.actor import Actor

COUNTED = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW)
"""What took its time: not what was given up, or never came about."""


class MinutesBetween(FunctionElement[int]):
    """`starts_at, ends_at`: the minutes between two instants."""

    type = Integer()
    inherit_cache = True


@compiles(MinutesBetween, "postgresql")
def _by_epoch(element: MinutesBetween, compiler: SQLCompiler, **options: Any) -> str:
    begin, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM {end} - {begin}) / 60 AS bigint)"


@compiles(MinutesBetween, "sqlite")
def _by_julian_day(element: MinutesBetween, compiler: SQLCompiler, **options: Any) -> str:
    begin, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(ROUND((julianday({end}) - julianday({begin})) * 1440) AS INTEGER)"


def spaces_of(actor: Actor) -> Select[Space]:
    """Select the spaces whose figures the actor may see: owners their own, admins all, nobody else any."""
    visible = {Role.ADMIN: true(), Role.OWNER: Space.owner_id == actor.id}
    return select(Space).where(visible.get(actor.role, false()))


def lettings(space_ids: Collection[int], months: Iterable[Month]) -> Select[*tuple[Any, ...]]:
    """Select (space id, month, bookings, booked minutes, revenue) of each month of the space's zone.

    A letting counts, and earns, in the month in which it begins; its minutes are of those in which they pass.
    """
    period = periods(months)
    since, until = period.c.since, period.c.until
    begins_in = case((Booking.starts_at >= since, 1), else_=0)
    earned = case((Booking.status == BookingStatus.COMPLETED, Booking.total_amount), else_=0)
    from_then = case((Booking.starts_at < since, since), else_=Booking.starts_at)
    till_then = case((Booking.ends_at > until, until), else_=Booking.ends_at)
    minutes = func.sum(MinutesBetween(from_then, till_then))
    return (
        select(Booking.space_id, period.c.month, func.sum(begins_in), minutes, func.sum(begins_in * earned))
        .join(Resource, Resource.id == Booking.space_id)
        .join(period, period.c.zone == Resource.timezone)
        .where(
            Booking.space_id.in_(space_ids),
            Booking.status.in_(COUNTED),
            Booking.starts_at < until,
            Booking.ends_at > since,
        )
        .group_by(Booking.space_id, period.c.month)
    )


def periods(months: Iterable[Month]) -> CTE:
    """Return the months as a table of constants, as many as there are."""
    instant = UtcDateTime()
    columns = column("month", String), column("zone", String), column("since", instant), column("until", instant)
    rows = [(month.name, month.timezone, *map(to_instant, month.span)) for month in months]
    return values(*columns, name="periods").data(rows).cte("periods")
