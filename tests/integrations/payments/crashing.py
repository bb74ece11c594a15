"""`kill -9`, of a server or of a worker, while a provider keeps its answer to itself."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import product
from typing import Any

import pytest

from app.extensions import db
from tests.servers import HOST, Server, release_together, serving
from tests.settings import process_environment
from tests.tortures.workers import embedded

HEARD = 1.0
"""Seconds for which a provider keeps its answer to itself: whoever asked is gone by then."""

DONE = 0.2
"""What a provider does after it has heard is done within so many seconds."""

BEFORE, AFTER = False, True
"""Whether a provider carries out what it has heard only after the crash, which it never does, or before it."""


def server_killed_while(environment: Mapping[str, str], request: bytes, heard: Callable[[], bool]) -> None:
    """Send a request to a server of its own, which is killed once the provider has heard of it."""
    with serving(_database_url(), workers=1, threads=4, **environment) as server:
        caller = threading.Thread(target=_ask, args=(server, request))
        caller.start()
        _wait_until(heard)
        os.killpg(server.process.pid, signal.SIGKILL)
        caller.join()


def worker_killed_while(environment: Mapping[str, str], heard: Callable[[], bool]) -> None:
    """Let a worker do what is due, and kill it once the provider has heard of it."""
    settings = process_environment(_database_url(), **environment)
    with tempfile.TemporaryFile("w+") as log, embedded(settings, log, number=1):
        _wait_until(heard)  # at its end the nursery kills its workers


def crashes(
    operations: Sequence[str], recoveries: Sequence[Callable[..., None]], few: Sequence[tuple[str, bool, Any]]
) -> Any:
    """Return the crashes of a test: all of them where CRASHES=all asks for that, else a few."""
    every = [*product(operations, (BEFORE, AFTER), recoveries)]
    chosen = every if os.environ.get("CRASHES") == "all" else few
    names = [f"{operation}-{'after' if after else 'before'}-{way.__name__}" for operation, after, way in chosen]
    return pytest.mark.parametrize(("operation", "after", "recovered"), chosen, ids=names)


def _database_url() -> str:
    db.session.remove()
    return db.engine.url.render_as_string(hide_password=False)


def _ask(server: Server, request: bytes) -> None:
    with suppress(Exception):  # it is killed
        release_together(HOST, server.port, [request])


def _wait_until(heard: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not heard():
        assert time.monotonic() < give_up
        time.sleep(0.02)
    time.sleep(DONE)
