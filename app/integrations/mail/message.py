"""A mail, and its form on the wire (RFC 5322)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from email_validator import EmailNotValidError, validate_email

from app.kit.clock import utcnow

_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
_LINE_BREAKING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""The Unicode categories of which no character may stand in a header: controls, surrogates, separators of lines."""


@dataclass(frozen=True, slots=True)
class Message:
    """A plain-text mail to one address.

    `message_id` is the same whenever the same mail is sent again: the name of what caused it, of letters, digits,
    dots and hyphens. Raises `ValueError` for what would break out of a header or is no address. What people may not
    see stays out of its `repr`.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str

    def __post_init__(self) -> None:
        wire_address(self.to)
        if any(unicodedata.category(character) in _LINE_BREAKING for character in self.subject):
            raise ValueError("A subject is one line of text.")
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
    mail.set_content(message.text, cte=encoding)
    return mail


def _mailbox(address: str, *, name: str = "") -> Address:
    username, _, domain = address.rpartition("@")
    return Address(name, username, domain)
