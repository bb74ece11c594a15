"""Receivers of webhooks, of several tempers, on ports of their own."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.client import parse_headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.processes import free_port

HOST = "127.0.0.1"
BYTES_A_SECOND = 20

Talk = Callable[[socket.socket], object]


@dataclass(frozen=True)
class Call:
    """A request that came."""

    path: str
    headers: Message
    body: bytes


@dataclass
class Receiver:
    """A receiver that answers with `statuses`, one after the other, the last of them for good."""

    port: int
    statuses: list[int] = field(default_factory=lambda: [204])
    location: str = ""
    pause: float = 0.0
    scheme: str = "http"
    calls: list[Call] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://{HOST}:{self.port}/hooks?for=parlour"

    def answer(self, call: Call) -> int:
        """Keep the call; return the status."""
        self.calls.append(call)
        time.sleep(self.pause)
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextlib.contextmanager
def receiving(*statuses: int, tls: ssl.SSLContext | None = None, **fields: Any) -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    receiver = Receiver(free_port(), list(statuses or [204]), scheme="https" if tls else "http", **fields)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.answer(Call(self.path, self.headers, body)))
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer((HOST, receiver.port), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def talking(talk: Talk) -> Iterator[int]:
    """Let `talk` deal with every caller until the block ends; yield the port."""
    with socket.create_server((HOST, free_port())) as listener:
        threading.Thread(target=_welcome, args=(listener, talk), daemon=True).start()
        yield listener.getsockname()[1]
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes up whoever accepts


def _welcome(listener: socket.socket, talk: Talk) -> None:
    with contextlib.suppress(OSError):
        while True:
            caller, _ = listener.accept()
            threading.Thread(target=_talk, args=(caller, talk), daemon=True).start()


def _talk(caller: socket.socket, talk: Talk) -> None:
    with caller, contextlib.suppress(OSError):
        talk(caller)


def silent(caller: socket.socket) -> None:
    """Take everything and say nothing."""
    while caller.recv(65536):
        pass


def deaf(caller: socket.socket) -> None:
    """Take nothing and say nothing."""
    time.sleep(10)
    caller.close()


def hear_out(caller: socket.socket) -> None:
    """Read one request to its end: closing on what was not read resets the connection, and the answer is lost."""
    with caller.makefile("rb") as heard:
        heard.readline()
        heard.read(int(parse_headers(heard)["Content-Length"]))


def saying(*answers: bytes, then: Talk = lambda _caller: None) -> Talk:
    """Return a talk that hears a request out, says these bytes, and goes on."""

    def talk(caller: socket.socket) -> None:
        hear_out(caller)
        for answer in answers:
            caller.sendall(answer)
        then(caller)

    return talk


def dripping(caller: socket.socket) -> None:
    """Go on with a byte now and then, for as long as somebody listens."""
    while True:
        caller.sendall(b"x")
        time.sleep(1 / BYTES_A_SECOND)


def endless(piece: bytes) -> Talk:
    """Return a talk that says the same again and again, as fast as it is heard."""

    def talk(caller: socket.socket) -> None:
        while True:
            caller.sendall(piece * 1000)

    return talk
