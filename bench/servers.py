"""What is measured: PostgreSQL as it is installed, our server as production runs it, and the floors, side by side."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import CALLERS
from tests.postgres import find_programs, restartable_server
from tests.processes import children_of, free_port, outlived_by_us, wait_for
from tests.servers import HOST, PROJECT, serving
from tests.settings import process_environment

WORKERS, THREADS = 4, 8
CACHE = "512MB"
SETTINGS = {
    "FLASK_ENV": "production",
    "LOG_LEVEL": "INFO",
    "RATELIMIT_ENABLED": "false",
    "CATALOGUE_LEASE_MS": "100",
    "CLIENT_BOOKING_LIMIT": "10000",
    "ACCESS_TOKEN_EXPIRE": "1440",
    "SECRET_KEY": secrets.token_hex(32),
    "GUNICORN_CMD_ARGS": "--max-requests=0",
}
"""As in production, but that callers may ask as often as they can, and no process is replaced meanwhile."""

TICKS = os.sysconf("SC_CLK_TCK")
GUNICORN = [
    "gunicorn",
    "--config=/dev/null",  # ours lies in this folder, and would be taken
    "--log-level=warning",
    "--worker-class=gthread",
    f"--workers={WORKERS}",
    f"--threads={THREADS}",
    "--keep-alive=60",
]
UVICORN = ["uvicorn", f"--workers={WORKERS}", "--log-level=warning", "--no-access-log", "--timeout-keep-alive=60"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A server, and the process of which all its workers come."""

    port: int
    pid: int

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        return children_of(self.pid)

    @property
    def cpu(self) -> float:
        """The seconds of a CPU that its processes have had."""
        spent = 0
        for pid in self.workers:
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent += int(after_name[11]) + int(after_name[12])
        return spent / TICKS

    @property
    def memory(self) -> float:
        """The MB that its largest worker has of its own and shares with others."""
        return max(_resident(pid) for pid in self.workers)


@contextmanager
def database(settings: tuple[str, ...] = ()) -> Iterator[str]:
    """Run a PostgreSQL of our own that survives a power cut; yield the URL of an empty database."""
    programs = find_programs()
    with restartable_server(programs, ("max_connections=200", f"shared_buffers={CACHE}", *settings)) as server:
        yield server.url


@contextmanager
def ours(url: str, workers: int = WORKERS, **more: str) -> Iterator[Measured]:
    """Serve the application; `more` are further settings."""
    with serving(url, workers=workers, threads=THREADS, **SETTINGS, **more) as server:
        yield Measured(server.port, server.process.pid)


@contextmanager
def bare(url: str) -> Iterator[Measured]:
    """Serve the floor on Flask and psycopg2."""
    with _started(url, [*GUNICORN, "bench.floors.bare:app"], "--bind={host}:{port}") as server:
        yield server


@contextmanager
def quick(url: str) -> Iterator[Measured]:
    """Serve the floor on FastAPI and asyncpg."""
    with _started(url, [*UVICORN, "bench.floors.quick:app"], "--host={host}", "--port={port}") as server:
        yield server


@contextmanager
def side_by_side(url: str) -> Iterator[dict[str, Measured]]:
    """Serve all of them."""
    with ExitStack() as until_the_end:
        yield {one.__name__: until_the_end.enter_context(one(url)) for one in (ours, bare, quick)}


def pgbench(url: str, script: str, seconds: float, key: int) -> float:
    """Let pgbench run a script in as many clients; return transactions a second."""
    load = [f"--client={CALLERS}", "--jobs=2", f"--time={max(1, round(seconds))}", f"--define=key={key}"]
    command: list[str | Path] = [
        find_programs() / "pgbench",
        "--no-vacuum",
        "--protocol=prepared",
        *load,
        "--file=/dev/stdin",
        url,
    ]
    said = subprocess.run(command, input=script, stdout=subprocess.PIPE, text=True, check=True).stdout
    return float(said.partition("tps = ")[2].split()[0])


@contextmanager
def _started(url: str, command: list[str], *address: str) -> Iterator[Measured]:
    port = free_port()
    where = [part.format(host=HOST, port=port) for part in address]
    environment = process_environment(url, FLOOR_URL=url)
    run = [*outlived_by_us("TERM"), sys.executable, "-m", *command, *where]
    with subprocess.Popen(run, cwd=PROJECT, env=environment, start_new_session=True) as process:
        try:
            wait_for(port, 30)
            yield Measured(port, process.pid)
        finally:
            process.terminate()


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
