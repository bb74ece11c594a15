"""Processes that end, are replaced, and add up, on the real server."""

import re
import shutil
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.databases import PROJECT
from tests.servers import Server, serving

SLOW = "tests.operations.slow:app"

pytestmark = pytest.mark.databases("sqlite")  # none of it concerns the database


def get(server: Server, path: str) -> tuple[int, str]:
    """Return status and body of one request on a connection of its own."""
    try:
        with urllib.request.urlopen(server.url + path, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def within(seconds: float, rule: Callable[[], bool]) -> bool:
    """Say whether a rule comes to hold in so many seconds."""
    give_up = time.monotonic() + seconds
    while not rule():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def test_what_is_under_way_is_finished(database_url: str) -> None:
    """SIGTERM: four requests at two workers are answered whole; then the server is gone, and nobody else gets in."""
    with serving(database_url, application=SLOW) as server, ThreadPoolExecutor(4) as callers:
        asked = [callers.submit(get, server, "/slow") for _ in range(4)]
        time.sleep(0.7)
        server.process.send_signal(signal.SIGTERM)
        answers = [one.result() for one in asked]
        assert [status for status, _ in answers] == [200] * 4
        assert server.process.wait(10) == 0
        with pytest.raises(urllib.error.URLError):
            get(server, "/who")


def test_a_reload_loses_nothing(database_url: str) -> None:
    """SIGHUP: new processes take over while requests come in; each is answered."""
    with serving(database_url, application=SLOW) as server, ThreadPoolExecutor(4) as callers:
        before = {get(server, "/who")[1] for _ in range(20)}
        ended = threading.Event()

        def ask() -> list[int]:
            statuses = []
            while not ended.is_set():
                statuses.append(get(server, "/who")[0])
            return statuses

        asked = [callers.submit(ask) for _ in range(4)]
        server.process.send_signal(signal.SIGHUP)
        replaced = within(20, lambda: get(server, "/who")[1] not in before)
        time.sleep(1)
        ended.set()
        statuses = [status for one in asked for status in one.result()]
        assert replaced
        assert set(statuses) == {200}


def test_a_reload_takes_up_a_newer_version(database_url: str, tmp_path: Path) -> None:
    """SIGHUP after an update: its settings belong to it, and none of the older program is mixed with them."""
    for name in ("app", "locale", "migrations"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("config.py", "gunicorn.conf.py", "run.py"):
        shutil.copy(PROJECT / name, tmp_path)
    with serving(database_url, PROJECT=str(tmp_path)) as server:
        assert "newer" not in get(server, "/healthz")[1]
        with (tmp_path / "config.py").open("a") as settings:
            settings.write('VERSION = "newer"\n')
        health = tmp_path / "app" / "web" / "health.py"
        health.write_text(health.read_text().replace('"ok"', '__import__("config").VERSION'))
        server.process.send_signal(signal.SIGHUP)
        assert within(20, lambda: '"newer"' in get(server, "/healthz")[1])


def test_recycling_loses_nothing(database_url: str) -> None:
    """A process that has served enough is replaced, and every request is answered."""
    recycling = "--max-requests=25 --max-requests-jitter=5"
    with (
        serving(database_url, application=SLOW, GUNICORN_CMD_ARGS=recycling) as server,
        ThreadPoolExecutor(4) as callers,
    ):
        answers = list(callers.map(lambda _: get(server, "/who"), range(120)))
    assert {status for status, _ in answers} == {200}
    assert len({process for _, process in answers}) > 3


def test_figures_of_all_processes_add_up(database_url: str) -> None:
    """Whichever answers; those of processes that were replaced too, and in no more files than there are processes."""
    folder = str(Path(database_url.removeprefix("sqlite:///")).parent)
    recycling = "--max-requests=20 --max-requests-jitter=0"
    with serving(database_url, application=SLOW, GUNICORN_CMD_ARGS=recycling, TMPDIR=folder) as server:
        kept = set(Path(folder).glob("parlour-figures-*"))
        processes = {get(server, "/who")[1] for _ in range(60)}
        assert within(10, lambda: counted(server) == 60)
        assert len(processes) > 2
        files = [file for one in kept for file in one.iterdir()]
        assert 0 < len({re.sub(r".*_", "", file.name) for file in files}) <= 3
    assert not any(one.exists() for one in kept)


def counted(server: Server) -> float:
    """Return how many requests to /who are in the figures."""
    found = re.search(
        r'^parlour_http_requests_total\{method="GET",route="/who",status="200"\} (\S+)$',
        get(server, "/metrics")[1],
        re.MULTILINE,
    )
    return float(found[1]) if found else 0
