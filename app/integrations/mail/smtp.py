"""Mail by SMTP (RFC 5321), over TLS whose certificate is checked."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

from app.integrations.mail.message import Message, as_email, sender_address, wire_address

if TYPE_CHECKING:
    from config import Mail

TIMEOUT_SECONDS: Final = 5.0
"""How long a server may stay silent, at each step."""

IMPLICIT_TLS_PORT: Final = 465
"""Where the connection is TLS from its first byte (RFC 8314), whatever MAIL_USE_TLS says."""

_STATUS: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


class MailRefused(Exception):
    """A server answered, and refused. Says in which step and with which status; the server's words quote addresses."""


def send(message: Message, settings: Mail) -> None:
    """Hand a mail to the server of `settings`.

    Raises `MailRefused`, or `OSError` or `smtplib.SMTPException` where the server is not reached, is not the one its
    certificate should name, falls silent, or lacks what is needed: STARTTLS, or SMTPUTF8 for an address beyond ASCII.
    """
    try:
        with closing(_connection(settings)) as server:
            _prepare(server, settings)
            _hand_over(server, message, settings)
    except smtplib.SMTPRecipientsRefused as refused:
        raise _refusal(refused, *next(iter(refused.recipients.values()))) from None
    except smtplib.SMTPResponseException as refused:
        raise _refusal(refused, refused.smtp_code, refused.smtp_error) from None


def _connection(settings: Mail) -> smtplib.SMTP:
    """Connect; greet with the sender's domain: smtplib would ask the DNS for ours, which has no time limit."""
    assert settings.server is not None  # noqa: S101  # narrows the type for mypy
    own_name = sender_address(settings.sender).rpartition("@")[2]
    if settings.port == IMPLICIT_TLS_PORT:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(settings.server, settings.port, own_name, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(settings.server, settings.port, own_name, timeout=TIMEOUT_SECONDS)


def _prepare(server: smtplib.SMTP, settings: Mail) -> None:
    if settings.use_tls and settings.port != IMPLICIT_TLS_PORT:
        server.starttls(context=ssl.create_default_context())
    if settings.username is not None:
        server.login(settings.username, settings.password or "")


def _hand_over(server: smtplib.SMTP, message: Message, settings: Mail) -> None:
    mail = as_email(message, sender=settings.sender, encoding="quoted-printable")
    server.send_message(mail, sender_address(settings.sender), [wire_address(message.to)])
    with suppress(smtplib.SMTPException):  # the server has the mail; how it says goodbye changes nothing
        server.quit()


def _refusal(error: smtplib.SMTPException, code: int, reply: bytes | str) -> MailRefused:
    status = _STATUS.search(reply if isinstance(reply, bytes) else reply.encode())
    return MailRefused(f"{type(error).__name__} {code} {status[0].decode() if status else ''}".rstrip())
