"""What tests of notifications share: mails in short, and links in them."""

import re
from collections.abc import Iterable
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Notification, User
from app.transactions import reading
from tests.api import Api
from tests.bookings.desk import BOOKINGS
from tests.factories import token_for
from tests.mailbox import text_of

LINK = re.compile(r"^https?://[^/]+(/api/(?:bookings|orders)/manage/\S+)$", re.MULTILINE)


def subjects(mails: Iterable[EmailMessage]) -> list[str]:
    """Return the first word, or words up to a colon, of each subject, in the order of the mails."""
    return [str(mail["Subject"]).partition(":")[0] for mail in mails]


def told(mails: Iterable[EmailMessage]) -> set[tuple[str, str]]:
    """Return to whom each mail goes, and what its subject begins with."""
    return {(str(mail["To"]), str(mail["Subject"]).partition(":")[0]) for mail in mails}


def link_in(mail: EmailMessage) -> str:
    """Return the path of the one link in a mail by which its client looks after a booking or an order."""
    (path,) = LINK.findall(text_of(mail))
    return str(path)


def calendar_of(mail: EmailMessage) -> str:
    """Return the calendar file of a mail."""
    (file,) = mail.iter_attachments()
    assert file.get_content_type() == "text/calendar"
    content: Any = file.get_content()
    return content.replace("\r\n", "\n") if isinstance(content, str) else content.decode()


def step(api: Api, who: User, booking: dict[str, Any], name: str, **body: Any) -> dict[str, Any]:
    """Take a step of a booking, which must succeed."""
    answer = api.post(f"{BOOKINGS}/{booking['id']}/{name}", body, token=token_for(who))
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def moved(api: Api, who: User, booking: dict[str, Any], starts_at: str) -> dict[str, Any]:
    """Move a booking, which must succeed."""
    answer = api.patch(f"{BOOKINGS}/{booking['id']}", {"starts_at": starts_at}, token=token_for(who))
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def noted() -> list[tuple[str, str, str, str]]:
    """Return (kind, channel, status, reason) of every notification, in order."""
    with reading():
        rows = db.session.scalars(select(Notification).order_by(Notification.id)).all()
        return [(one.kind, one.channel.value, one.status.value, one.reason) for one in rows]
