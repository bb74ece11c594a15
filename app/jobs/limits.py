"""Who may begin beside whom: of a lane so many at once, of a loose line one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from app.extensions import db
from app.jobs import queries
from app.jobs.outbox import policies
from app.jobs.policy import USUAL, Policy
from app.models import OutboxEvent

LOCKS: Final = 7
"""The class of PostgreSQL's advisory locks that are lanes."""


class _Hands:
    """What is in hand of some topics, and what may be taken beside it."""

    def __init__(self, topics: Iterable[str], now: datetime) -> None:
        """Count what is in hand at this moment."""
        self._known = policies()
        wanted = {_lane(topic, self._policy(topic)) for topic in topics}
        self._topics = {topic for topic, policy in self._known.items() if _lane(topic, policy) in wanted}
        rows = db.session.execute(queries.in_hand(self._topics, now)).all()
        self._lanes = Counter(_lane(topic, self._policy(topic)) for topic, _ in rows)
        self._lines = {(topic, subject) for topic, subject in rows}

    def full(self) -> set[str]:
        """Return the topics of which no more may be taken."""
        return {topic for topic in self._topics if self._is_full(topic)}

    def take(self, event: OutboxEvent) -> bool:
        """Say whether a task may be taken; count it, if so."""
        line = (event.topic, event.subject)
        is_behind = event.subject is not None and not self._policy(event.topic).ordered and line in self._lines
        if is_behind or self._is_full(event.topic):
            return False
        self._lanes[_lane(event.topic, self._policy(event.topic))] += 1
        self._lines.add(line)
        return True

    def _is_full(self, topic: str) -> bool:
        policy = self._policy(topic)
        return policy.at_once is not None and self._lanes[_lane(topic, policy)] >= policy.at_once

    def _policy(self, topic: str) -> Policy:
        return self._known.get(topic, USUAL)


def crowded(now: datetime) -> set[str]:
    """Return the topics of which as many as may be are in hand: a first look, that locks nothing."""
    limited = {topic for topic, policy in policies().items() if policy.at_once is not None}
    return _Hands(limited, now).full() if limited else set()


def admitted(found: Sequence[OutboxEvent], now: datetime) -> Sequence[OutboxEvent]:
    """Return those of the locked tasks `found` that may begin beside what is in hand: the last word.

    Whoever wants one of a lane or of a loose line looks alone, until its transaction ends: others that looked at the
    same time wait, and find what it took. Tasks of other topics wait for nobody.
    """
    known = policies()
    watched = {event.topic for event in found if _is_watched(known.get(event.topic, USUAL))}
    if not watched:
        return found
    _lock({_lane(topic, known[topic]) for topic in watched})
    hands = _Hands(watched, now)
    return [event for event in found if event.topic not in watched or hands.take(event)]


def _is_watched(policy: Policy) -> bool:
    return policy.at_once is not None or not policy.ordered


def _lane(topic: str, policy: Policy) -> str:
    return policy.lane or topic


def _lock(lanes: set[str]) -> None:
    """Lock lanes until the transaction ends, all in the same order; on SQLite, who writes is alone anyway."""
    if db.engine.dialect.name == "postgresql":
        for lane in sorted(lanes):
            db.session.execute(select(func.pg_advisory_xact_lock(LOCKS, func.hashtext(lane))))
