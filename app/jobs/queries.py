"""The selects of the outbox."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.models import OutboxEvent

WAITING = (OutboxEvent.done_at.is_(None), OutboxEvent.dead_at.is_(None))


def claimable(now: datetime, *, crowded: Collection[str], loose: Collection[str]) -> Select[OutboxEvent]:
    """Select the tasks that a worker may claim, the longest due first: of no topic that is `crowded`.

    In the topics that are `loose`, earlier tasks of the same subject need not be over, only out of hand.
    """
    unclaimed = or_(OutboxEvent.claimed_until.is_(None), OutboxEvent.claimed_until <= now)
    due = select(OutboxEvent).where(*WAITING, OutboxEvent.due_at <= now, unclaimed, _is_next(now, loose))
    if crowded:
        due = due.where(OutboxEvent.topic.not_in(sorted(crowded)))
    return due.order_by(OutboxEvent.due_at, OutboxEvent.id)


def _is_next(now: datetime, loose: Collection[str]) -> ColumnElement[bool]:
    """Say whether no other task of the same topic and subject comes first.

    Lines in hand, and lines that wait for the next attempt at what has failed, are read once for all tasks; only of the
    others it is looked up, task by task, who comes earlier.
    """
    other = aliased(OutboxEvent)
    waiting = (other.subject.is_not(None), other.done_at.is_(None), other.dead_at.is_(None))
    lines = select(other.topic, other.subject).where(*waiting)
    same = (other.subject == OutboxEvent.subject, other.topic == OutboxEvent.topic)
    earlier = exists().where(*waiting, *same, other.id < OutboxEvent.id)
    is_loose, line = OutboxEvent.topic.in_(sorted(loose)), tuple_(OutboxEvent.topic, OutboxEvent.subject)
    in_order = and_(line.not_in(lines.where(other.failures > 0, other.due_at > now)), ~earlier)
    alone = and_(line.not_in(lines.where(other.claimed_until > now)), or_(is_loose, in_order))
    return or_(OutboxEvent.subject.is_(None), alone)


def in_hand(topics: Collection[str], now: datetime) -> Select[str, str | None]:
    """Select topic and subject of the tasks of `topics` that are in some worker's hands."""
    claimed = (*WAITING, OutboxEvent.claimed_until > now, OutboxEvent.topic.in_(sorted(topics)))
    return select(OutboxEvent.topic, OutboxEvent.subject).where(*claimed)


def stays_here(delivering: Collection[str]) -> ColumnElement[bool]:
    """Say whether a task is of none of the topics that leave the house."""
    return OutboxEvent.topic.not_in(sorted(delivering))


def is_untried_since(instant: datetime) -> ColumnElement[bool]:
    """Say whether a task was due at an instant and has not been tried since, or has never been tried."""
    return or_(OutboxEvent.attempts == 0, OutboxEvent.due_at <= instant)
