"""The verbs of notifications: what was sent, and what somebody wishes."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Select, delete, select

from app.extensions import BULK, db
from app.kit.errors import Invalid
from app.models import MutedNotice, NoticeChannel, Notification, User
from app.notifications import queries
from app.notifications.catalogue import kinds_of, may_be_muted
from app.notifications.queries import Filters
from app.users.service import lock_active, lock_client

Wishes = dict[str, dict[str, bool]]
"""Of each channel, which kinds of notices are wanted."""


def list_notifications(filters: Filters) -> Select[Notification]:
    """Return the select of what was sent, and what was not."""
    return queries.notifications(filters)


def read_wishes(user_id: int) -> Wishes:
    """Return what somebody wants to be told by which way: everything, but what was switched off; one statement."""
    muted = {(kind, channel) for kind, channel in db.session.execute(queries.muted_by(user_id))}
    return {
        channel.value: {kind: (kind, channel) not in muted for kind in sorted(kinds_of(channel))}
        for channel in NoticeChannel
    }


def required() -> list[str]:
    """Return what cannot be switched off, as `channel.kind`."""
    return [
        f"{channel.value}.{kind}"
        for channel in NoticeChannel
        for kind, may_be in sorted(kinds_of(channel).items())
        if not may_be
    ]


def change_wishes(user_id: int, wanted: Mapping[str, Mapping[str, bool]]) -> Wishes:
    """Switch kinds of notices on and off. Raises `Invalid`, which names what cannot be off; nothing changes then."""
    changes = list(_changes(wanted))
    refused = {
        f"{channel.value}.{kind}": ["Cannot be switched off."]
        for kind, channel, is_wanted in changes
        if not is_wanted and not may_be_muted(kind, channel)
    }
    if refused:
        raise Invalid(errors=refused)
    lock_active(user_id)
    for kind, channel, is_wanted in changes:
        _unmute(user_id, kind, channel) if is_wanted else mute(user_id, kind, channel)
    return read_wishes(user_id)


def mute(user_id: int, kind: str, channel: NoticeChannel) -> None:
    """Send somebody no more notices of a kind by a channel; it is locked, or gone, in which case nothing happens."""
    if db.session.get(MutedNotice, (user_id, kind, channel)) is None:
        db.session.add(MutedNotice(user_id=user_id, kind=kind, channel=channel))
        db.session.flush()


def unsubscribe(user_id: int, kind: str) -> None:
    """Switch off what a mailed link is for; of somebody who is gone, there is nothing to switch off."""
    lock_client(user_id)
    there = select(User.id).where(User.id == user_id, User.erased_at.is_(None))
    if may_be_muted(kind, NoticeChannel.EMAIL) and db.session.scalars(there).first() is not None:
        mute(user_id, kind, NoticeChannel.EMAIL)


def _unmute(user_id: int, kind: str, channel: NoticeChannel) -> None:
    own = delete(MutedNotice).where(MutedNotice.user_id == user_id, MutedNotice.kind == kind)
    db.session.execute(own.where(MutedNotice.channel == channel), execution_options=BULK)


def _changes(wanted: Mapping[str, Mapping[str, bool]]) -> Iterator[tuple[str, NoticeChannel, bool]]:
    for channel, kinds in wanted.items():
        for kind, is_wanted in kinds.items():
            yield kind, NoticeChannel(channel), is_wanted
