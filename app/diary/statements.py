"""The statements that diaries are read with, made once: to make one takes longer than to have it answered.

Their values: `resource_ids`; `first` and `last`, dates. For what is taken also `starts_at`, `ends_at` and `now`,
instants; `begin`, the second of `starts_at`; and of whoever may have its own time again, `booking_id`, `hold_id` and
`closure_id`, 0 for nobody's.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    cast,
    or_,
    select,
    union_all,
)

from app.diary.cause import Cause
from app.kit.among import among
from app.kit.columns import UtcDateTime
from app.kit.prepared import PREPARED
from app.kit.seconds import Seconds, SecondsUp
from app.models import Allocation, Closure, DayHours, OpeningRule, Resource

Values = dict[str, Any]

RULE, OWN, CLOSURE, RESOURCE = (table.__table__.c for table in (OpeningRule, DayHours, Closure, Resource))
IDS = "resource_ids"
NO_DAY = NO_WEEKDAY, NO_DATE = cast(None, RULE.weekday.type), cast(None, OWN.date.type)
STARTS_AT, ENDS_AT, NOW = (bindparam(name, type_=UtcDateTime()) for name in ("starts_at", "ends_at", "now"))


def own_values(own: Cause) -> Values:
    """Return the values that say whose time counts as free."""
    return {"booking_id": own.booking_id or 0, "hold_id": own.hold_id or 0, "closure_id": own.closure_id or 0}


def _weekly() -> Select[*tuple[Any, ...]]:
    rules = select(RULE.resource_id, RULE.weekday, NO_DATE, RULE.opens, RULE.closes)
    return rules.where(among(RULE.resource_id, IDS))


def _dated() -> Select[*tuple[Any, ...]]:
    on_days = OWN.date.between(bindparam("first"), bindparam("last"))
    own = select(OWN.resource_id, NO_WEEKDAY, OWN.date, OWN.opens, OWN.closes)
    return own.where(among(OWN.resource_id, IDS), on_days)


def _closed() -> Select[*tuple[Any, ...]]:
    of_these = or_(among(CLOSURE.resource_id, IDS), CLOSURE.resource_id.is_(None))
    closed = select(CLOSURE.resource_id, *NO_DAY, Seconds(CLOSURE.starts_at), SecondsUp(CLOSURE.ends_at))
    return closed.where(of_these, CLOSURE.starts_at < ENDS_AT, CLOSURE.ends_at > STARTS_AT)


def _starting() -> Select[*tuple[Any, ...]]:
    """Select what is taken from a start in the interval on: one short range of the index, however long the diary."""
    taken = Allocation.__table__.c
    columns = (taken.resource_id, *NO_DAY, Seconds(taken.starts_at), SecondsUp(taken.ends_at))
    return select(*columns).where(
        among(taken.resource_id, IDS), taken.starts_at >= STARTS_AT, taken.starts_at < ENDS_AT, *_counts(taken)
    )


def _reaching() -> Select[*tuple[Any, ...]]:
    """Select until when what began before the interval is taken, from its beginning on: it may have ended before.

    As allocations of one resource never overlap, that can only be the last of them: one look-up for each resource.
    """
    earlier = Allocation.__table__.alias("earlier").c
    last = (
        select(SecondsUp(earlier.ends_at))
        .where(earlier.resource_id == RESOURCE.id, earlier.starts_at < STARTS_AT, *_counts(earlier))
        .order_by(earlier.starts_at.desc())
        .limit(1)
    )
    reaching = select(RESOURCE.id, *NO_DAY, bindparam("begin", type_=BigInteger()), last.scalar_subquery())
    return reaching.where(among(RESOURCE.id, IDS))


def _counts(taken: Any) -> list[ColumnElement[bool]]:
    """Leave out what has lapsed by now, and what belongs to whoever asks."""
    own = [taken[name].is_distinct_from(bindparam(name)) for name in own_values(Cause())]
    return [or_(taken.expires_at.is_(None), taken.expires_at > NOW), *own]


HOURS = union_all(_weekly(), _dated())
"""(resource_id, weekday, date, opens, closes): weekly rules, without a date; and of dates with hours of their own, from
`first` to `last`, without a weekday."""

DIARIES = union_all(_weekly(), _dated(), _closed(), _starting(), _reaching()).execution_options(**PREPARED)
"""These, and without weekday and date (resource_id, …, begin, end) in seconds of what meets the interval: closures, of
which None is everybody's, and what others have taken. What began before it begins with it, or without an end; where it
has ended by then, it ends before it begins."""
