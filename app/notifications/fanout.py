"""From what has happened to who is told of it: in the worker's transaction that marks the event as told."""

from collections.abc import Iterator

from app.jobs.events import Event, listens
from app.models import NoticeChannel, User
from app.notifications.catalogue import NOTICES
from app.notifications.notice import Notice
from app.notifications.record import Planned, queue


def connect() -> None:
    """Listen to every event that some notice is about; called once by `create_app`."""
    listens({notice.on for notice in NOTICES.values() if notice.on}, tell)


def tell(event: Event) -> None:
    """Write the notices that follow from an event, and their tasks."""
    told = [one for notice in NOTICES.values() if notice.on == event.name for one in _planned(notice, event)]
    if told:
        queue(told)


def _planned(notice: Notice, event: Event) -> Iterator[Planned]:
    about_id = event.about[f"{notice.about}_id"]
    if not isinstance(about_id, int) or not notice.when(event):
        return
    for user in notice.to(about_id):
        for channel in notice.channels:
            if _is_reached(user, channel):
                yield Planned(notice.kind, channel, user.id, notice.about, about_id)


def _is_reached(user: User, channel: NoticeChannel) -> bool:
    return (user.email if channel is NoticeChannel.EMAIL else user.phone) is not None
