"""Connections that end on time, to an address that was looked at: the very one that is connected to."""

import io
import queue
import socket
import ssl
import threading
import time
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from typing import Any, Final

from app.integrations.targets import Target, is_public
from app.kit.networks import read_address

MOST_BYTES: Final = 64 * 1024
"""How much of an answer is read at most."""

MOST_ADDRESSES: Final = 8
"""How many of a name's addresses are tried at most: its DNS decides how many there are, and whose."""

Found = tuple[Any, ...]
"""One line of `getaddrinfo`."""


class Blocked(Exception):
    """A name leads to no address that may be called."""


class TooMuch(Exception):
    """An answer has no end in sight."""


class Deadline:
    """A moment before which everything has to be done, however little a step of it stalls."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        self._ends_at = time.monotonic() + seconds

    def left(self) -> float:
        """Return how many seconds are left. Raises `TimeoutError` when it is over."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Wire:
    """What `http.client` takes for a socket: every step of it keeps to one deadline."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        """Use a connected socket."""
        self._socket, self._deadline = connected, deadline

    def sendall(self, content: bytes) -> None:
        """Send everything. Raises `TimeoutError`."""
        rest = memoryview(content)
        while rest:
            self._socket.settimeout(self._deadline.left())
            rest = rest[self._socket.send(rest) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what is received."""
        return io.BufferedReader(_Received(self._socket, self._deadline))

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


class _Received(io.RawIOBase):
    """The bytes of an answer: a socket's own time-out would begin anew with each of them."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline, self._room = connected, deadline, MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._room:
            raise TooMuch
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(memoryview(buffer)[: self._room])
        self._room -= count
        return count


def connect(target: Target, deadline: Deadline, *, allow_private: bool) -> Wire:
    """Connect, by TLS to a server that proves its name where the address says https.

    Raises `Blocked`, or `OSError` where nobody is reached in time.
    """
    found = _look_up(target, deadline)
    allowed = [one for one in found if allow_private or _is_public(one)]
    if not allowed:
        raise Blocked
    connected = _first_connected(allowed[:MOST_ADDRESSES], deadline)
    try:
        return Wire(_secured(connected, target, deadline) if target.tls else connected, deadline)
    except BaseException:
        connected.close()
        raise


def posted(wire: Wire, target: Target, body: bytes, headers: dict[str, str]) -> HTTPResponse:
    """Send one POST; return the answer, of which only the head has been read. No redirect is followed, no proxy asked.

    Raises `TooMuch`, `OSError` or `http.client.HTTPException`.
    """
    connection = HTTPConnection(target.host, target.port)
    connection.sock = wire
    connection.request("POST", target.path, body, {"Host": target.authority, "Connection": "close", **headers})
    answer = HTTPResponse(wire, method="POST")  # type: ignore[arg-type]  # `getresponse` would close the wire: unread
    answer.begin()
    while is_interim(answer.status):
        answer.headers = None  # type: ignore[assignment]  # it begins anew, behind what was read
        answer.begin()
    return answer


def is_interim(status: int) -> bool:
    """Say whether another answer follows (RFC 9110 §15.2); after 101 nobody speaks HTTP any more."""
    return HTTPStatus.CONTINUE <= status < HTTPStatus.OK and status != HTTPStatus.SWITCHING_PROTOCOLS


def _look_up(target: Target, deadline: Deadline) -> list[Found]:
    """Ask the resolver, which knows no time limit, in a thread that nobody waits for at the end."""
    answers: queue.SimpleQueue[list[Found] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="lookup", daemon=True).start()
    try:
        found = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, OSError):
        raise found
    return found


def _is_public(found: Found) -> bool:
    address = read_address(found[4][0])
    return address is not None and is_public(address)


def _first_connected(found: list[Found], deadline: Deadline) -> socket.socket:
    """Connect to the first of some addresses that answers; they are numbers, which nobody resolves again.

    Each has its share of the time that is left, lest one that swallows everything leave none for the next.
    """
    refused: OSError | None = None
    for remaining, (family, kind, protocol, _, address) in zip(range(len(found), 0, -1), found, strict=True):
        connected = socket.socket(family, kind, protocol)
        try:
            connected.settimeout(deadline.left() / remaining)
            connected.connect(address)
        except OSError as error:
            connected.close()
            refused = error
        else:
            return connected
    raise refused or OSError("There is no address.")


def _secured(connected: socket.socket, target: Target, deadline: Deadline) -> ssl.SSLSocket:
    connected.settimeout(deadline.left())
    return trust().wrap_socket(connected, server_hostname=target.host)


@cache
def trust() -> ssl.SSLContext:
    """Return whose certificates are believed: the system's authorities', or SSL_CERT_FILE's. Reading takes 25 ms."""
    return ssl.create_default_context()
