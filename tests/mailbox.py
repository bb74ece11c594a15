"""The mails that the application sent in a test, read as their recipients would."""

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from sqlalchemy import select

from app.extensions import db
from app.jobs.worker import work_once
from app.models import OutboxEvent
from app.transactions import reading


class Mailbox:
    """The folder that mails are written to. It begins empty, and `deliver` empties it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.collect()

    def deliver(self) -> list[EmailMessage]:
        """Carry out every task that is due, and return the mails written since the last call, the oldest first.

        Read one by `mail["To"]`, `mail["Subject"]` and `text_of(mail)`. Fails the test where a task has failed.
        """
        work_once()
        assert _failures() == []
        return self.collect()

    def collect(self) -> list[EmailMessage]:
        """Return the mails written since the last call; carry out nothing."""
        paths = sorted(self._folder.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        mails = [email.message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        for path in paths:
            path.unlink()
        return mails


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a mail, whatever else is in it."""
    body = mail.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


def html_of(mail: EmailMessage) -> str:
    """Return its HTML."""
    body = mail.get_body(("html",))
    assert body is not None
    html: str = body.get_content()
    return html


def _failures() -> list[tuple[str, str | None]]:
    """Return the topics of the tasks that failed and were not done since, and why."""
    with reading():
        failed = select(OutboxEvent.topic, OutboxEvent.last_error)
        failed = failed.where(OutboxEvent.done_at.is_(None), OutboxEvent.last_error.is_not(None))
        return [(topic, why) for topic, why in db.session.execute(failed)]
