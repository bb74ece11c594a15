"""Mail as files: where there is no mail server, people open what they would have received."""

from __future__ import annotations

import os
import tempfile
from email.policy import EmailPolicy
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from app.integrations.mail.message import Message, as_email

if TYPE_CHECKING:
    from config import Mail

log = structlog.get_logger(__name__)

_READABLE: Final = EmailPolicy(utf8=True)
"""Headers in UTF-8 (RFC 6532), and lines that end as those of other files do."""


def write(message: Message, settings: Mail) -> None:
    """Write `<message id>.eml` into the folder, whole or not at all, for this system's user alone.

    The same message written again replaces itself. All of it is plain UTF-8, so that people can read it and copy its
    links. Raises `OSError` where the folder cannot be written.
    """
    mail = as_email(message, sender=settings.sender, encoding="8bit")
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.folder / f"{message.message_id}.eml"
    _replace(path, mail.as_bytes(policy=_READABLE))
    log.info("mail_written", path=str(path))


def _replace(path: Path, content: bytes) -> None:
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink()
        raise
