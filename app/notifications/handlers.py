"""How notifications answer to what happens in the rooms below, and what `create_app` connects."""

from typing import Any

from sqlalchemy import delete, select, update

from app.extensions import BULK, db
from app.models import MutedNotice, NoticeStatus, Notification, User
from app.notifications import accounts, delivery, fanout, queries, reminders
from app.notifications.schemas import NotificationOut
from app.notifications.service import mute
from app.users.events import erasing, exporting, walk_in_claimed


def connect() -> None:
    """Listen, send, remind; called once by `create_app`."""
    fanout.connect()
    delivery.connect()
    accounts.connect()
    reminders.connect()
    exporting.connect(_on_exporting)
    erasing.connect(_on_erasing)
    walk_in_claimed.connect(_on_walk_in_claimed)


def _on_exporting(user: User) -> dict[str, Any]:
    own = queries.notifications(queries.Filters(user_id=user.id)).order_by(Notification.created_at, Notification.id)
    muted = db.session.execute(queries.muted_by(user.id))
    return {
        "notifications": NotificationOut().dump(db.session.scalars(own).all(), many=True),
        "switched_off_notices": [{"kind": kind, "channel": channel} for kind, channel in muted],
    }


def _on_erasing(user: User) -> None:
    """Forget where somebody was written to, and what they wished; what waits to be sent is not."""
    own = update(Notification).where(Notification.user_id == user.id)
    waiting = own.where(Notification.status == NoticeStatus.QUEUED)
    for statement in (
        waiting.values(status=NoticeStatus.SUPPRESSED, reason="gone"),
        own.values(address=None),
        delete(MutedNotice).where(MutedNotice.user_id == user.id),
    ):
        db.session.execute(statement, execution_options=BULK)


def _on_walk_in_claimed(walk_in: User, *, account: User) -> None:
    """Give the account what the walk-in was told, and what it did not want to be."""
    told = update(Notification).where(Notification.user_id == walk_in.id)
    db.session.execute(told.values(user_id=account.id), execution_options=BULK)
    for kind, channel in db.session.execute(select(MutedNotice.kind, MutedNotice.channel).where(_is_of(walk_in))).all():
        mute(account.id, kind, channel)
    db.session.execute(delete(MutedNotice).where(_is_of(walk_in)), execution_options=BULK)


def _is_of(user: User) -> Any:
    return MutedNotice.user_id == user.id
