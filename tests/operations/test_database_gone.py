"""PostgreSQL goes away and comes back: 503 meanwhile, and within three seconds of its return all is as before."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from sqlalchemy import make_url

from app.database import CONNECT_SECONDS, SPEECHLESS_SECONDS
from tests.databases import PROJECT
from tests.postgres import Server, find_programs, frozen, restartable_server
from tests.servers import Server as Web
from tests.servers import serving
from tests.settings import process_environment

BACK_SECONDS = 3.0


@pytest.fixture(scope="module")
def postgresql() -> Iterator[tuple[Server, str]]:
    """A server of these tests' own, and the URL of a migrated database on it; each test leaves it running."""
    with restartable_server(find_programs()) as server:
        url = make_url(server.url).render_as_string(hide_password=False)
        upgrade = [sys.executable, "-m", "flask", "--app", "run", "db", "upgrade"]
        subprocess.run(upgrade, cwd=PROJECT, env=process_environment(url), check=True, capture_output=True)
        yield server, url


def ask(web: Web, path: str) -> tuple[int, str | None, float]:
    """Return status, `Retry-After` and seconds of one request."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(web.url + path, timeout=15) as answer:
            return answer.status, None, time.monotonic() - began
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Retry-After"], time.monotonic() - began


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL], ids=lambda stop: stop.name)
def test_gone_and_back(postgresql: tuple[Server, str], stop: signal.Signals) -> None:
    """In order, at once, and by `kill -9`; both processes hold connections when it happens."""
    server, url = postgresql
    with serving(url) as web:
        assert {ask(web, "/api/services")[0] for _ in range(20)} == {200}
        server.stop(stop)
        for path in ("/api/services", "/readyz"):
            for _ in range(5):
                status, retry_after, seconds = ask(web, path)
                assert (status, retry_after) == (503, "1")
                assert seconds < 4
        assert ask(web, "/healthz")[0] == 200
        server.start()
        began = time.monotonic()
        settled(lambda: ask(web, "/readyz")[0] == 200)
        settled(lambda: {ask(web, "/api/services")[0] for _ in range(10)} == {200})
        assert time.monotonic() - began < BACK_SECONDS


def test_silent(postgresql: tuple[Server, str]) -> None:
    """It neither answers nor hangs up, as a frozen host or a network that swallows everything: 503 all the same."""
    server, url = postgresql
    with serving(url, workers=1, threads=2) as web:
        assert ask(web, "/api/services")[0] == 200
        with frozen(server):
            for within in (SPEECHLESS_SECONDS, CONNECT_SECONDS):  # the connection that is there, and a new one
                status, retry_after, seconds = ask(web, "/api/services")
                assert (status, retry_after) == (503, "1")
                assert within <= seconds < within + 3
        began = time.monotonic()
        settled(lambda: {ask(web, "/api/services")[0] for _ in range(10)} == {200})
        assert time.monotonic() - began < BACK_SECONDS


def settled(rule: Callable[[], bool]) -> None:
    """Wait until a rule holds; too long is a failure."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        with suppress(OSError):
            if rule():
                return
        time.sleep(0.05)
    pytest.fail("It did not come back.")
