"""Connections that wait for their caller to ask something, and threads that wait for such a connection.

The kernel hands each connection on which something comes to one thread, and tells nobody of it again until it is put
back. So no thread needs another one to be given work.
"""

import os
import select
from itertools import takewhile
from threading import Lock
from typing import Any, Protocol

Connection = Any
"""A `TConn` of gunicorn, which has no types."""


class Ready(Protocol):
    """What the kernel knows: files by their numbers. Each is told once, to one thread, after it was watched for."""

    def watch(self, number: int, *, is_new: bool) -> None:
        """Tell of a file once something comes on it; `is_new` where it has not been watched before."""

    def next(self, seconds: float) -> int | None:
        """Wait for the next one for so long. None where nothing has come."""


class Epoll:
    """Linux."""

    def __init__(self) -> None:
        """Begin with none."""
        self._poll = select.epoll()

    def watch(self, number: int, *, is_new: bool) -> None:
        """As in `Ready`."""
        (self._poll.register if is_new else self._poll.modify)(number, select.EPOLLIN | select.EPOLLONESHOT)

    def next(self, seconds: float) -> int | None:
        """As in `Ready`."""
        return next((number for number, _ in self._poll.poll(seconds, 1)), None)


class Kqueue:
    """macOS and BSD."""

    def __init__(self) -> None:
        """Begin with none."""
        self._queue: Any = select.kqueue()  # type: ignore[attr-defined,unused-ignore]  # not on Linux

    def watch(self, number: int, *, is_new: bool) -> None:  # a file that was told of is a new one here
        """As in `Ready`."""
        once: Any = select.kevent(number, select.KQ_FILTER_READ, select.KQ_EV_ADD | select.KQ_EV_ONESHOT)  # type: ignore[attr-defined,unused-ignore]  # the same
        self._queue.control([once], 0)

    def next(self, seconds: float) -> int | None:
        """As in `Ready`."""
        return next((event.ident for event in self._queue.control(None, 1, seconds)), None)


class Waiting:
    """The connections that wait, those that have waited longest first."""

    def __init__(self) -> None:
        """Begin without any."""
        self._ready: Ready = Epoll() if hasattr(select, "epoll") else Kqueue()
        self._bell, self._rope = os.pipe()
        self._ready.watch(self._bell, is_new=True)
        self._by_number: dict[int, Connection] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        """Say how many wait."""
        return len(self._by_number)

    def add(self, connection: Connection, *, is_new: bool) -> None:
        """Let a connection wait, from now until its timeout."""
        connection.set_timeout()
        number = connection.sock.fileno()
        with self._lock:
            self._by_number[number] = connection
        self._ready.watch(number, is_new=is_new)

    def take(self, seconds: float) -> Connection | None:
        """Wait for so long for one whose caller says something, and take it out. None where nobody does."""
        number = self._ready.next(seconds)
        if number is None:
            return None
        if number == self._bell:  # heard by one thread after the other
            self._ready.watch(number, is_new=False)
            return None
        with self._lock:
            return self._by_number.pop(number, None)  # none where it was overdue at this moment

    def wake(self) -> None:
        """Let all who wait, and whoever will, look up at once: there is nothing more to wait for."""
        os.close(self._rope)

    def take_overdue(self, now: float) -> list[Connection]:
        """Take out those whose timeout is over at `now`, on the monotonic clock, and whose caller has said nothing.

        Who has said something waits for a thread, and not for too long by any fault of its own.
        """
        with self._lock:
            overdue = list(takewhile(lambda number: self._by_number[number].timeout <= now, self._by_number))
            return [self._by_number.pop(number) for number in overdue if not _is_readable(number)]


def _is_readable(number: int) -> bool:
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
