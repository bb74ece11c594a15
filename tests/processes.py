"""What servers that tests start have in common."""

import random
import shutil
import socket
import time

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


def outlived_by_us(signal: str) -> list[str]:
    """Return what to put before a command so that it gets `signal` when we die, even of `kill -9`.

    Nothing on systems without that; there an orderly end still stops every server.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", signal] if setpriv else []
