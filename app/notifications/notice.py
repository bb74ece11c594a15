"""What a notice is: on which event whom it tells of what, and by which ways.

A new one is a file of words (`words/<kind>.txt`), one line in its room's NOTICES, and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app

from app.integrations.mail import Attachment
from app.jobs.events import Event
from app.models import NoticeChannel, Notification, User

MAIL = (NoticeChannel.EMAIL,)
MAIL_AND_TEXT = (NoticeChannel.EMAIL, NoticeChannel.SMS)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the words of a notice are filled with, where they lead, and what goes along.

    Of several links, the words have a line for each. `papers` are attachments that take long to make: that is done when
    nothing is locked any more.
    """

    words: dict[str, Any]
    links: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    papers: tuple[Callable[[], Attachment], ...] = ()

    @property
    def zone_name(self) -> str:
        """The zone whose clocks it is told by."""
        return str(self.words["zone"])


def url_of(page: str, *, served: str = "") -> str:
    """Return the URL of a page of the frontend; without one, of what the API serves there, or at the path `served`."""
    settings = current_app.extensions["settings"]
    if settings.frontend_url:
        return f"{settings.frontend_url}{page}"
    return f"{settings.public_base_url}/api{served or page}"


def _always(_event: Event) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of notice. `about` is the thing: an event has its id as `<about>_id`.

    `to` returns whom a thing's notice is for. `facts` returns what it is like at the moment of sending, or None where
    the notice is not true any more. One that is `optional` may be switched off by mail too; texts always may be.
    One that `waits_for_day` is not sent in the quiet hours of whoever it is for.
    """

    kind: str
    on: str
    about: str
    to: Callable[[int], Sequence[User]]
    facts: Callable[[Notification, User], Facts | None]
    channels: tuple[NoticeChannel, ...] = MAIL
    when: Callable[[Event], bool] = _always
    optional: bool = False
    waits_for_day: bool = False
