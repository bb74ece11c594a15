"""The house that is struck: a database, gunicorn's workers, a worker, and proxies before gunicorn and PostgreSQL."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from sqlalchemy import make_url

from tests.databases import PROJECT
from tests.faults.proxy import HOST, Proxy, in_front_of
from tests.faults.salon import LONG_SESSIONS
from tests.hosts.machines import FLASK, WEB, Program, Web
from tests.postgres import DURABLE, Server, find_programs, restartable_server
from tests.processes import free_port
from tests.settings import process_environment

WEB_WORKERS = 2

FORGETFUL = (*DURABLE, "synchronous_commit=off", "wal_buffers=64MB")
"""The control's PostgreSQL acknowledges what it has not written anywhere yet."""


@dataclass(frozen=True)
class House:
    """All of it. `url` leads to the database past the proxy; on SQLite there is neither server nor proxy of one."""

    url: str
    web: Web
    worker: Program
    to_web: Proxy
    server: Server | None = None
    to_server: Proxy | None = None

    def make_durable(self) -> None:
        """Have what is written so far survive whatever comes, also where a commit alone does not."""
        if self.server is not None:
            with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
                cursor.execute("CHECKPOINT")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `flask` on the database, past the proxy."""
        return _flask(process_environment(self.url), *arguments)


@contextmanager
def on_postgresql(folder: Path, settings: tuple[str, ...] = DURABLE) -> Iterator[House]:
    """Run a house on a new PostgreSQL until the block ends."""
    with restartable_server(find_programs(), settings) as server, in_front_of(server.port) as proxy:
        through = make_url(server.url).set(port=proxy.port).render_as_string(hide_password=False)
        with _house(folder, server.url, through) as (web, worker, to_web):
            yield House(server.url, web, worker, to_web, server, proxy)


@contextmanager
def on_sqlite(folder: Path) -> Iterator[House]:
    """Run a house on a new SQLite file until the block ends."""
    url = f"sqlite:///{folder}/parlour.db"
    with _house(folder, url, url) as (web, worker, to_web):
        yield House(url, web, worker, to_web)


@contextmanager
def _house(folder: Path, url: str, through: str) -> Iterator[tuple[Web, Program, Proxy]]:
    """Migrate the database, and run what uses it."""
    made = _flask(process_environment(url), "db", "upgrade")
    assert made.returncode == 0, made.stderr
    scale = {"HOST": HOST, "PORT": str(free_port()), "WEB_CONCURRENCY": str(WEB_WORKERS), "TMPDIR": str(folder)}
    environment = process_environment(through, **scale, **LONG_SESSIONS)
    with ExitStack() as running:
        web = Web(WEB, environment, folder / "web.log")
        running.callback(web.end)
        worker = Program((*FLASK, "worker"), environment, folder / "worker.log")
        running.callback(worker.end)
        web.wait()
        yield web, worker, running.enter_context(in_front_of(web.port))


def _flask(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *FLASK, *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False, capture_output=True, text=True)
