"""What servers that tests start have in common."""

import os
import random
import select
import shutil
import signal
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

LOWEST, HIGHEST = 20000, 32767
"""Below the ephemeral range: a client that retries on an ephemeral port can connect to itself."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on now; tried at random, as many sessions ask."""
    while True:
        port = random.randint(LOWEST, HIGHEST)  # noqa: S311  # nothing depends on its being a secret
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def wait_for(port: int, seconds: float = 10) -> None:
    """Wait until somebody listens on a port of 127.0.0.1. Raises `TimeoutError` where nobody does."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"Nobody listens on port {port}.")


def outlived_by_us(farewell: str) -> list[str]:
    """Return what to put before a command so that it gets the signal `farewell` when we die, even of `kill -9`.

    Nothing on systems without that; there an orderly end still stops every server.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", farewell] if setpriv else []


def children_of(pid: int) -> list[int]:
    """Return the ids of a process' children, as Linux lists them; the oldest usually comes first."""
    try:
        return sorted(int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except FileNotFoundError:
        return []


@contextmanager
def holding(parent: int, *wanted: int) -> Iterator[list[int]]:
    """Yield descriptors of those of the `wanted` processes that are children of `parent`, until the block ends.

    Ids of processes are given away again: so each is held by a descriptor first, and then asked whose child it is.
    """
    with ExitStack() as until_the_end:
        held = []
        for child in wanted:
            with suppress(ProcessLookupError):
                descriptor = os.pidfd_open(child)
                until_the_end.callback(os.close, descriptor)
                held += [descriptor] if child in children_of(parent) else []
        yield held


def send(descriptors: list[int], how: signal.Signals) -> int:
    """Send a signal to processes that are held; return how many of them were still there."""
    sent = 0
    for descriptor in descriptors:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(descriptor, how)
            sent += 1
    return sent


def wait_until_over(descriptors: Iterable[int], seconds: float = 10) -> None:
    """Wait until processes that are held have ended. Raises `TimeoutError` where one goes on."""
    for descriptor in descriptors:
        ended = select.poll()
        ended.register(descriptor, select.POLLIN)
        if not ended.poll(seconds * 1000):
            raise TimeoutError("A process goes on.")
