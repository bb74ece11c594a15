"""What was sent, to whom, how often it was tried: one row for each notice to each person by each way."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, update

from app.extensions import BULK, db
from app.jobs.dispatch import offer_after_commit
from app.jobs.outbox import Task
from app.kit.clock import utcnow
from app.models import MutedNotice, NoticeChannel, NoticeStatus, Notification, OutboxEvent, User

TOPICS = {NoticeChannel.EMAIL: "notifications.email", NoticeChannel.SMS: "notifications.sms"}
"""The outbox topics of notices; payload: `user_id`, `notification_id`."""

ACCOUNT = "user"
LONGEST_REASON = 64


@dataclass(frozen=True, slots=True)
class Planned:
    """Whom to tell what of which thing, by which way; a reminder, of which start."""

    kind: str
    channel: NoticeChannel
    user_id: int
    about_type: str
    about_id: int
    concerns_at: datetime | None = None


def queue(planned: Sequence[Planned]) -> None:
    """Write notices and the tasks that send them; two statements, however many."""
    written = insert(Notification).returning(
        Notification.id, Notification.channel, Notification.user_id, Notification.about_type, Notification.about_id
    )
    now = utcnow()
    rows = db.session.execute(written, [asdict(one) for one in planned]).all()
    tasks = db.session.scalars(insert(OutboxEvent).returning(OutboxEvent.id), [_task(row, now) for row in rows])
    offer_after_commit(tasks.all(), now)


def _task(row: Any, now: datetime) -> dict[str, Any]:
    """Return the task of a notice. What one person is told of one thing is sent in its order; nobody waits for what
    others are told."""
    subject = f"{row.about_type}:{row.about_id} user:{row.user_id}"
    payload = {"user_id": row.user_id, "notification_id": row.id}
    return {"topic": TOPICS[row.channel], "subject": subject, "payload": payload, "due_at": now}


def begin_attempt(task: Task, kind: str, user: User) -> Notification:
    """Return the row of a task that came without one, with this attempt counted."""
    found = db.session.scalars(select(Notification).where(Notification.task_id == task.id)).one_or_none()
    if found is not None and (found.user_id, found.kind) != (user.id, kind):
        found.task_id, found = None, None  # of a dropped task, whose id SQLite has given to this one
        db.session.flush()
    if found is None:
        found = Notification(
            kind=kind, channel=NoticeChannel.EMAIL, user_id=user.id, about_type=ACCOUNT, about_id=user.id, attempts=0
        )
        db.session.add(found)
    count_attempt(found, task)
    return found


def count_attempt(notification: Notification, task: Task) -> None:
    """Note that a task tries once more to send it."""
    notification.task_id, notification.attempts = task.id, notification.attempts + 1


def suppress(notification: Notification, reason: str) -> None:
    """Note that it is not to be sent, and why."""
    notification.status, notification.reason = NoticeStatus.SUPPRESSED, reason


def note_sent(notification_id: int) -> None:
    """Note that it was sent; in a transaction that is open."""
    unsent = update(Notification).where(Notification.id == notification_id, Notification.status != NoticeStatus.SENT)
    sent = unsent.values(status=NoticeStatus.SENT, reason="", sent_at=utcnow())
    db.session.execute(sent, execution_options=BULK)


def follow(task: Task, why: str) -> None:
    """Note that it has failed, and why, as its task is given up; or that it waits again. What was settled stays so."""
    before, after = (NoticeStatus.QUEUED, NoticeStatus.FAILED) if why else (NoticeStatus.FAILED, NoticeStatus.QUEUED)
    found = update(Notification).where(_is_of(task), Notification.status == before)
    db.session.execute(found.values(status=after, reason=why[:LONGEST_REASON]), execution_options=BULK)


def _is_of(task: Task) -> ColumnElement[bool]:
    """Find the row of a task: it names it, or has written it at an attempt for the same person."""
    named: int | None = task.payload.get("notification_id")
    if named is not None:
        return Notification.id == named
    return and_(Notification.task_id == task.id, Notification.user_id == task.payload["user_id"])


def is_overtaken(notification: Notification) -> bool:
    """Say whether a later notice of the same kind about the same thing is still to be sent: that one says it all."""
    later = select(Notification.id).where(
        Notification.about_id == notification.about_id,
        Notification.about_type == notification.about_type,
        Notification.kind == notification.kind,
        Notification.channel == notification.channel,
        Notification.user_id == notification.user_id,
        Notification.status == NoticeStatus.QUEUED,
        Notification.id > notification.id,
    )
    return notification.about_id is not None and db.session.scalars(later.limit(1)).first() is not None


def is_muted(user_id: int, kind: str, channel: NoticeChannel) -> bool:
    """Say whether somebody does not want a kind of notice by this way."""
    return db.session.get(MutedNotice, (user_id, kind, channel)) is not None
