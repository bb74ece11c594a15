"""A mail, and its form on the wire (RFC 5322)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Final

from email_validator import EmailNotValidError, validate_email

from app.kit.clock import utcnow
from app.kit.lines import breaks_lines

_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
_WEB_ADDRESS: Final = re.compile(r"https?://[!-;=?-~]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along: its name, its type with parameters, and what is in it: text in UTF-8, or else bytes."""

    name: str
    subtype: str
    parameters: tuple[tuple[str, str], ...]
    content: str | bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A mail to one address: plain text, and perhaps the same as HTML, and files.

    `unsubscribe` is a URL at which a POST ends mails of this kind at once (RFC 8058).
    `message_id` is the same whenever the same mail is sent again: the name of what caused it, of letters, digits,
    dots and hyphens. Raises `ValueError` for what would break out of a header or is no address. What people may not
    see stays out of its `repr`.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str
    html: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    unsubscribe: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        wire_address(self.to)
        if breaks_lines(self.subject):
            raise ValueError("A subject is one line of text.")
        if self.unsubscribe and not _WEB_ADDRESS.fullmatch(self.unsubscribe):
            raise ValueError("What ends mails is a URL.")
        if not _MESSAGE_ID.fullmatch(self.message_id):
            raise ValueError("A message id is made of letters, digits, dots and hyphens.")


def wire_address(address: str) -> str:
    """Return an address as servers take it: with its domain in ASCII (IDNA), unless its name is beyond ASCII too.

    An address that is still beyond ASCII needs a server with SMTPUTF8 (RFC 6531). Raises `ValueError` for no address.
    """
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError("This is not an email address.") from None  # its own text quotes the address
    return checked.ascii_email or checked.normalized


def sender_address(sender: str) -> str:
    """Return the wire address in `Name <address>` or in a bare address; `root@localhost` will do."""
    address = sender.rpartition("<")[2].removesuffix(">")
    return address if address.isascii() else wire_address(address)


def as_email(message: Message, *, sender: str, encoding: str) -> EmailMessage:
    """Return the mail of `sender` (`Name <address>` or an address), its body in a content transfer encoding."""
    address = sender_address(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _mailbox(address, name=sender.rpartition("<")[0].strip().strip('"'))
    mail["To"] = _mailbox(wire_address(message.to))
    mail["Subject"] = message.subject
    mail["Date"] = utcnow()
    mail["Message-ID"] = f"<{message.message_id}@{address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies, please
    if message.unsubscribe:
        mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text, cte=encoding)
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte=encoding)
    for file in message.attachments:
        _attach(mail, file, encoding)
    return mail


def _attach(mail: EmailMessage, file: Attachment, encoding: str) -> None:
    named: dict[str, Any] = {"subtype": file.subtype, "filename": file.name, "params": dict(file.parameters)}
    if isinstance(file.content, str):
        mail.add_attachment(file.content, cte=encoding, **named)
    else:
        mail.add_attachment(file.content, maintype="application", cte="base64", **named)


def _mailbox(address: str, *, name: str = "") -> Address:
    username, _, domain = address.rpartition("@")
    return Address(name, username, domain)
