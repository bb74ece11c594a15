"""Mail servers of several tempers, on ports of their own."""

import contextlib
import email
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from itertools import chain, repeat
from pathlib import Path
from typing import IO, Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from config import Mail
from tests.processes import free_port

HOST = "127.0.0.1"
NOBODY = "nobody@example.test"
USERNAME, PASSWORD = "parlour", "open sesame"


@dataclass
class Inbox:
    """aiosmtpd's handler: takes every mail but those to `NOBODY`; keeps who asked for what."""

    envelopes: list[Envelope] = field(default_factory=list)
    greetings: list[str] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse nobody, in words that quote the address, as servers do."""
        if address == NOBODY:
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the same
        """Take the mail."""
        self.envelopes.append(envelope)
        self.greetings.append(str(session.host_name))
        self.secure.append(session.ssl is not None)
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
    ) -> AuthResult:
        """Let in who knows the password."""
        assert isinstance(login, LoginPassword)
        self.logins.append(login.login)
        return AuthResult(success=login == LoginPassword(USERNAME.encode(), PASSWORD.encode()), handled=False)


@contextlib.contextmanager
def receiving(inbox: Inbox | None = None, **options: Any) -> Iterator[tuple[Inbox, int]]:
    """Run aiosmtpd with its `options` until the block ends; yield what it receives, and its port."""
    inbox, port = inbox or Inbox(), free_port()
    controller = Controller(inbox, hostname=HOST, port=port, ready_timeout=30, **options)
    controller.start()
    try:
        yield inbox, port
    finally:
        controller.stop()


@contextlib.contextmanager
def replying(*replies: str) -> Iterator[int]:
    """Serve one caller with these replies, whatever it says, and then with silence; yield the port."""
    with socket.create_server((HOST, free_port())) as listener:
        talk = threading.Thread(target=_talk, args=(listener, replies))
        talk.start()
        yield listener.getsockname()[1]
        talk.join()


@contextlib.contextmanager
def dripping(*replies: str, tls: ssl.SSLContext | None = None, plain: int = 0) -> Iterator[int]:
    """Serve one caller with these replies, and then with a byte now and then; yield the port.

    `tls` begins after so many `plain` replies.
    """
    with socket.create_server((HOST, free_port())) as listener:
        talk = threading.Thread(target=_drip, args=(listener, replies, tls, plain))
        talk.start()
        yield listener.getsockname()[1]
        talk.join()


def _drip(listener: socket.socket, replies: tuple[str, ...], tls: ssl.SSLContext | None, plain: int) -> None:
    caller, _ = listener.accept()
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        stack.callback(caller.close)
        for number in range(len(replies) + 1):
            if tls is not None and number == plain:
                caller = stack.enter_context(tls.wrap_socket(caller, server_side=True))
            elif number:
                caller.recv(1000)
            caller.sendall("\r\n".join([*replies[number : number + 1], ""]).encode())
        for character in chain("250 ", repeat("x")):  # until the caller has had enough
            caller.sendall(character.encode())
            time.sleep(0.05)


def _talk(listener: socket.socket, replies: tuple[str, ...]) -> None:
    caller, _ = listener.accept()
    with caller, caller.makefile("rb") as lines, contextlib.suppress(ConnectionError):
        for reply in replies:
            caller.sendall(f"{reply}\r\n".encode())
            _hear(lines, whole_mail=reply.startswith("354"))
        while lines.readline():  # until the caller has had enough
            pass


def _hear(lines: IO[bytes], *, whole_mail: bool) -> None:
    while (line := lines.readline()) and whole_mail and line != b".\r\n":
        pass


def read(envelope: Envelope) -> EmailMessage:
    """Return the mail in an envelope."""
    assert isinstance(envelope.content, bytes)
    return email.message_from_bytes(envelope.content, policy=default)


def tls_of(authority: trustme.CA, name: str = HOST) -> ssl.SSLContext:
    """Return a server's TLS with a certificate that names it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def settings(port: int, **fields: Any) -> Mail:
    """Return settings for a plain server at a port; its folder is never to be used."""
    defaults: dict[str, Any] = {
        "server": HOST,
        "username": None,
        "password": None,
        "use_tls": False,
        "sender": "Test Parlour <no-reply@parlour.example>",
        "folder": Path("/nonexistent"),
    }
    return Mail(port=port, **(defaults | fields))
