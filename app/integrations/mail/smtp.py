"""Mail by SMTP (RFC 5321), over TLS whose certificate is checked."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, Final

from app.integrations.mail.message import Message, as_email, sender_address, wire_address

if TYPE_CHECKING:
    from config import Mail

DELIVERY_SECONDS: Final = 20.0
"""How long a delivery may take in all, however little the server is silent."""

PERMANENT: Final = 500

HANG_UP_SECONDS: Final = 0.5
"""How often a connection is given up whose time is over: STARTTLS may just be changing it."""

IMPLICIT_TLS_PORT: Final = 465
"""Where the connection is TLS from its first byte (RFC 8314), whatever MAIL_USE_TLS says."""

_STATUS: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


class MailRefused(Exception):
    """A server answered, and refused. Says in which step and with which status; the server's words quote addresses."""


class AddressRefused(MailRefused):
    """The server has refused the address for good (RFC 5321 §4.2.1: a reply of 5yz to RCPT)."""


class _Punctual(smtplib.SMTP):
    """A connection that ends when the time for a delivery is over: a socket's time-out begins anew with every byte."""

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        """Connect, and begin to look at the clock."""
        self._done, self._is_late = threading.Event(), False
        threading.Thread(target=self._hang_up_late, name="mail deadline", daemon=True).start()
        try:
            return super().connect(host, port, source_address)
        except BaseException:
            self.close()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Return a whole reply. Raises `TimeoutError` for the half of one that was there when the time was over."""
        reply = super().getreply()
        if self._is_late:
            raise TimeoutError("The server takes too long.")
        return reply

    def close(self) -> None:
        """End the connection, and no longer look at the clock."""
        self._done.set()
        super().close()

    def _hang_up_late(self) -> None:
        wait = DELIVERY_SECONDS
        while not self._done.wait(wait):
            wait, self._is_late = HANG_UP_SECONDS, True
            with suppress(OSError, TypeError):  # closed meanwhile
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # type: ignore[arg-type]  # past TLS, which is busy


class _PunctualTLS(_Punctual, smtplib.SMTP_SSL):
    """The same, in TLS from its first byte."""


def send(message: Message, settings: Mail) -> None:
    """Hand a mail to the server of `settings`.

    Raises `AddressRefused` or another `MailRefused`, or `OSError` or `smtplib.SMTPException` where the server is not
    reached, is not the one its certificate should name, falls silent, drips, or lacks what is needed: STARTTLS, or
    SMTPUTF8 for an address beyond ASCII.
    """
    try:
        with closing(_connection(settings)) as server:
            _prepare(server, settings)
            _hand_over(server, message, settings)
    except smtplib.SMTPRecipientsRefused as refused:
        code, reply = next(iter(refused.recipients.values()))
        kind = AddressRefused if code >= PERMANENT else MailRefused
        raise kind(_refusal(refused, code, reply)) from None
    except smtplib.SMTPResponseException as refused:
        raise MailRefused(_refusal(refused, refused.smtp_code, refused.smtp_error)) from None


def _connection(settings: Mail) -> smtplib.SMTP:
    """Connect; greet with the sender's domain: smtplib would ask the DNS for ours, which has no time limit."""
    assert settings.server is not None  # noqa: S101  # narrows the type for mypy
    own_name = sender_address(settings.sender).rpartition("@")[2]
    if settings.port == IMPLICIT_TLS_PORT:
        context = ssl.create_default_context()
        return _PunctualTLS(settings.server, settings.port, own_name, timeout=settings.timeout_seconds, context=context)
    return _Punctual(settings.server, settings.port, own_name, timeout=settings.timeout_seconds)


def _prepare(server: smtplib.SMTP, settings: Mail) -> None:
    if settings.use_tls and settings.port != IMPLICIT_TLS_PORT:
        server.starttls(context=ssl.create_default_context())
    if settings.username is not None:
        server.login(settings.username, settings.password or "")


def _hand_over(server: smtplib.SMTP, message: Message, settings: Mail) -> None:
    mail = as_email(message, sender=settings.sender, encoding="quoted-printable")
    server.send_message(mail, sender_address(settings.sender), [wire_address(message.to)])
    with suppress(smtplib.SMTPException, OSError):  # the server has the mail; how it says goodbye changes nothing
        server.quit()


def _refusal(error: smtplib.SMTPException, code: int, reply: bytes | str) -> str:
    status = _STATUS.search(reply if isinstance(reply, bytes) else reply.encode())
    return f"{type(error).__name__} {code} {status[0].decode() if status else ''}".rstrip()
