"""The outbox: tasks written in the transaction of the change they follow from, carried out at least once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Select, String, cast, exists, insert, literal, select

from app.extensions import db
from app.jobs.dispatch import offer_after_commit
from app.jobs.policy import USUAL, Policy
from app.jobs.queries import WAITING
from app.kit.clock import utcnow
from app.kit.inserts import Row, row_of
from app.models import OutboxEvent
from app.transactions import insert_rows

MessageT = TypeVar("MessageT")


class GivenUp(Exception):
    """Trying again is of no use. A task whose handler or delivery raises it is dead at once, and says why."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task, the same at each of its attempts."""

    id: int
    payload: dict[str, Any]
    written_at: datetime

    @property
    def reference(self) -> str:
        """The task's name, also beside the tasks of other databases, such as `17-20300107T060000000000`."""
        return f"{self.id}-{self.written_at:%Y%m%dT%H%M%S%f}"


def task_of(event: OutboxEvent) -> Task:
    """Return the task that a row is."""
    return Task(event.id, event.payload, event.created_at)


Delivery = Callable[[], object]
"""What remains to be done outside any transaction."""

Follow = Callable[[Task, str], None]
"""What is told in the very transaction why a task is given up; without a reason, that it is begun anew."""


@dataclass(frozen=True, slots=True)
class Handling:
    """How the tasks of a topic are begun, and tried."""

    begin: Callable[[Task], Delivery | None]
    policy: Policy
    leaves_the_house: bool = False
    follow: Follow | None = None


_handlers: dict[str, Handling] = {}


def handles(topic: str, handler: Callable[[dict[str, Any]], None], policy: Policy = USUAL) -> None:
    """Let `handler` carry out the tasks of `topic` from their payload, in the transaction that marks them done.

    What it writes is written exactly once; it may be called more often.
    """
    handles_task(topic, lambda task: handler(task.payload), policy)


def handles_task(topic: str, handler: Callable[[Task], None], policy: Policy = USUAL) -> None:
    """Let `handler` carry out the tasks of `topic` as `handles` does, and know which they are."""
    _handlers[topic] = Handling(handler, policy)


def delivers(
    topic: str,
    compose: Callable[[Task], MessageT | None],
    deliver: Callable[[MessageT], object],
    policy: Policy = USUAL,
    follow: Follow | None = None,
) -> None:
    """Let the tasks of `topic` leave the house: `compose` makes a message in a transaction, `deliver` hands it over.

    `compose` may write; that is committed before `deliver` is called, outside any transaction, so that nobody waits
    for a slow network behind our locks. Where it returns None there is nothing to deliver, and the task is done.
    Both are called again after a failure or a crash, which may come after the delivery: give the message the name
    `task.reference`, by which its receiver knows it again. `deliver` leaves the database alone. `follow` is told when
    a task ends without its delivery, and when that is taken back.
    """

    def begin(task: Task) -> Delivery | None:
        message = compose(task)
        return None if message is None else partial(deliver, message)

    _handlers[topic] = Handling(begin, policy, leaves_the_house=True, follow=follow)


def takes_long(topic: str, work: Callable[[Task], object], policy: Policy = USUAL) -> None:
    """Let `work` carry out the tasks of `topic` outside any transaction, in short ones of its own.

    The task is done when it returns. It is called again after a failure or a crash, so that doing it twice must be as
    good as once. Like what leaves the house, it does not keep the short tasks waiting.
    """
    _handlers[topic] = Handling(lambda task: partial(work, task), policy, leaves_the_house=True)


def handling_of(topic: str) -> Handling:
    """Return how tasks of a topic are handled. Raises `KeyError` where no room of this version knows it."""
    return _handlers[topic]


def tell_follower(event: OutboxEvent, why: str = "") -> None:
    """Tell whoever follows a task why it is given up, or that it is begun anew; in the transaction that does it."""
    handling = _handlers.get(event.topic)
    if handling is not None and handling.follow is not None:
        handling.follow(task_of(event), why)


def policies() -> dict[str, Policy]:
    """Return the policies of all topics that are known."""
    return {topic: handling.policy for topic, handling in _handlers.items()}


def delivering() -> set[str]:
    """Return the topics whose tasks leave the house, or take long for another reason."""
    return {topic for topic, handling in _handlers.items() if handling.leaves_the_house}


def enqueue(topic: str, payload: dict[str, Any], *, due_at: datetime, subject: str | None = None) -> None:
    """Write a task that is due at an instant; it exists if and only if the transaction commits.

    The payload is kept after the task is done: it names things by their ids, and holds nothing personal. An account is
    `user_id`; by that its tasks are found when it is erased. Tasks of one topic and one `subject`, such as
    `booking:17`, are carried out in the order in which they were written; a dead one holds nobody up.
    """
    insert_rows([task_row(topic, payload, due_at=due_at, subject=subject)])


def task_row(topic: str, payload: dict[str, Any], *, due_at: datetime, subject: str | None = None) -> Row:
    """Return the row of a task that `enqueue` would write, for `insert_rows` to write it together with others."""
    values = {"topic": topic, "subject": subject, "payload": payload, "due_at": due_at}
    return row_of(OutboxEvent, values, lambda event_id: offer_after_commit([event_id], due_at))


def enqueue_once(topic: str, payload: dict[str, Any], *, due_at: datetime, subject: str) -> bool:
    """Write a task as `enqueue` does, unless one of this topic and subject is waiting already; say whether."""
    same = (OutboxEvent.topic == topic, OutboxEvent.subject == subject, *WAITING)
    if db.session.scalar(select(exists().where(*same))):
        return False
    enqueue(topic, payload, due_at=due_at, subject=subject)
    return True


def enqueue_for_each(found: Select[Any], topic: str, thing: str) -> int:
    """Write a task, due now, for each id found that has none waiting; return for how many.

    Its payload is `<thing>_id`. Those whose task fails again and again keep nobody else out.
    """
    (column,) = found.selected_columns
    subject = literal(f"{thing}:") + cast(column, String)
    waits = exists().where(OutboxEvent.topic == topic, OutboxEvent.subject == subject, *WAITING)
    fresh = db.session.scalars(found.where(~waits)).all()
    for thing_id in fresh:
        enqueue(topic, {f"{thing}_id": thing_id}, due_at=utcnow(), subject=f"{thing}:{thing_id}")
    return len(fresh)


def enqueue_where(found: Select[Any], topic: str, payload: dict[str, Any], *, due_at: datetime) -> None:
    """Write a task as `enqueue` does, if `found` selects anything at all; in one statement."""
    columns = OutboxEvent.__table__.c
    values = {
        "topic": topic,
        "payload": payload,
        "due_at": due_at,
        "attempts": 0,
        "failures": 0,
        "created_at": utcnow(),
    }
    row = select(*(literal(value, columns[name].type) for name, value in values.items())).where(found.exists())
    written = insert(OutboxEvent).from_select(list(values), row, include_defaults=False)
    offer_after_commit(db.session.scalars(written.returning(OutboxEvent.id)).all(), due_at)
