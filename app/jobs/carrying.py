"""Carrying out one claimed task, and saying how it ended."""

from typing import Any

import structlog
from sqlalchemy import update

from app.extensions import BULK, db
from app.jobs.claims import Claim, renewing
from app.jobs.outbox import Delivery, GivenUp, handling_of, policies, task_of, tell_follower
from app.jobs.policy import USUAL
from app.jobs.queries import WAITING
from app.kit.clock import utcnow
from app.models import OutboxEvent
from app.transactions import transaction

LONGEST_ERROR = 2000

log = structlog.get_logger(__name__)


class _Overtaken(Exception):
    """Somebody else has done the task meanwhile: what this attempt wrote is not to be written again."""


def carry_out(held: Claim) -> bool:
    """Carry out one claimed task and mark it done; say whether that went well.

    A task without a delivery is marked in the transaction that carries it out, another one after its delivery.
    """
    try:
        with renewing(held):
            _attempt(held)
    except _Overtaken:
        log.info("task_overtaken", event_id=held.event_id)
    except Exception as error:  # noqa: BLE001  # whatever a handler raises, the task waits for its next attempt
        _note_failure(held, error)
        return False
    return True


def _attempt(held: Claim) -> None:
    delivery = _begin(held)
    if delivery is not None:
        delivery()
        _finish(held)


def _begin(held: Claim) -> Delivery | None:
    """Do what is done in the database; return what remains, or None where the task is done with."""
    with transaction():
        event = _waiting(held)
        if event is None:
            return None
        delivery = handling_of(event.topic).begin(task_of(event))
        if delivery is None:
            _mark_done(held)
        return delivery


def _finish(held: Claim) -> None:
    with transaction():
        _mark_done(held)


def _mark_done(held: Claim) -> None:
    """End a task that went well, in the one statement that decides who was first. Raises `_Overtaken`.

    What an earlier attempt failed of is of no use any more, and may quote anything. The row is locked last, after the
    handler's own locks.
    """
    db.session.flush()
    unfinished = (OutboxEvent.id == held.event_id, OutboxEvent.done_at.is_(None))
    done = update(OutboxEvent).where(*unfinished).values(done_at=utcnow(), dead_at=None, last_error=None)
    if not db.session.scalars(done.returning(OutboxEvent.id), execution_options=BULK).all():
        raise _Overtaken


def _waiting(held: Claim) -> OutboxEvent | None:
    """Return the task as it is now, unless it has ended."""
    event = db.session.get(OutboxEvent, held.event_id, populate_existing=True)
    return event if event is not None and event.done_at is None and event.dead_at is None else None


def _note_failure(held: Claim, error: Exception) -> None:
    """Note how an attempt failed, in one statement: not where another worker's succeeded meanwhile, or goes on."""
    with transaction():
        event = _waiting(held)
        if event is None:
            return
        noted = _failed(event, error)
        own = (OutboxEvent.id == held.event_id, OutboxEvent.attempts == held.attempt, *WAITING)
        changed = update(OutboxEvent).where(*own).values(noted).returning(OutboxEvent.id)
        if not db.session.scalars(changed, execution_options=BULK).all():
            return
        if noted["dead_at"] is not None:
            tell_follower(event, _why(error))
        said = {"event_id": held.event_id, "topic": event.topic, "attempts": held.attempt}
    log.warning("task_failed", **said, dead=noted["dead_at"] is not None, exc_info=error)


def _why(error: Exception) -> str:
    """Return why a task is given up, in words that may be shown: those of other errors may quote anything."""
    return str(error) if isinstance(error, GivenUp) and str(error) else type(error).__name__


def _failed(event: OutboxEvent, error: Exception) -> dict[str, Any]:
    """Return what is to stand in the row of a task after one more failure."""
    policy, failures, now = policies().get(event.topic, USUAL), event.failures + 1, utcnow()
    is_dead = failures >= policy.attempts or isinstance(error, GivenUp)
    return {
        "last_error": f"{type(error).__name__}: {error}"[:LONGEST_ERROR],
        "failures": failures,
        "claimed_until": None,
        "due_at": now + policy.wait_after(failures),
        "dead_at": now if is_dead else None,
    }
