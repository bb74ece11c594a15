"""The machines: PostgreSQL, Redis, two web processes, a worker. All are temporary, on free ports."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from tests.databases import PROJECT
from tests.hosts.nginx import HOST, Nginx, in_front_of
from tests.postgres import find_programs, own_server
from tests.processes import free_port, outlived_by_us, wait_for
from tests.redis_server import running_redis
from tests.settings import process_environment

ADMIN = {"email": "boss@example.test", "password": "correct horse battery"}
WORKER = ("-m", "celery", "-A", "app.jobs.celery_app", "worker", "-B", "--concurrency", "2", "--loglevel", "WARNING")
WEB = ("-m", "gunicorn", "-c", "gunicorn.conf.py", "run:app")
FLASK = ("-m", "flask", "--app", "run")


@dataclass
class Program:
    """A program that is started again whenever it ends, as systemd and containers do."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = True
    supervisor: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        """Start it."""
        self.supervisor = threading.Thread(target=self._supervise)
        self.supervisor.start()

    def _supervise(self) -> None:
        command = [*outlived_by_us("TERM"), sys.executable, *self.arguments]
        while self.wanted:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(command, cwd=PROJECT, env=self.environment, stdout=log, stderr=log)
            self.process.wait()

    def end(self) -> None:
        """End it for good."""
        self.wanted = False
        if self.process is not None:
            self.process.terminate()
        self.supervisor.join()


@dataclass
class Web(Program):
    """A web process, on a port of its own."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.environment["PORT"])

    @property
    def restart_command(self) -> list[str]:
        """Return what `systemctl restart` is elsewhere: it ends once the old process has."""
        assert self.process is not None
        return ["sh", "-c", "kill $0; while kill -0 $0 2>&-; do sleep 0.05; done", str(self.process.pid)]

    def wait(self) -> None:
        """Wait until it answers."""
        wait_for(self.port, seconds=60)
        connection = HTTPConnection(HOST, self.port, timeout=60)  # listening is not yet answering
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        connection.close()


@dataclass(frozen=True)
class Machines:
    """All of them, and nginx in front."""

    webs: tuple[Web, Web]
    nginx: Nginx
    database_url: str
    mail: Path


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """Run everything, migrated and with an admin, until the block ends."""
    with ExitStack() as running:
        database_url = running.enter_context(own_server(find_programs()))
        redis = running.enter_context(running_redis())
        ports = (free_port(), free_port())
        shared = _settings(database_url, redis.url, folder)
        _prepare(shared)
        webs = [Web(WEB, shared | {"PORT": str(port)}, folder / f"web-{port}.log") for port in ports]
        for program in (*webs, Program(WORKER, shared, folder / "worker.log")):
            running.callback(program.end)
        for web in webs:
            web.wait()
        nginx = running.enter_context(in_front_of(ports, folder))
        yield Machines((webs[0], webs[1]), nginx, database_url, folder / "mail")


def _settings(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    return process_environment(
        database_url,
        HOST=HOST,
        WEB_CONCURRENCY="1",
        TRUSTED_PROXIES="1",
        RATELIMIT_ENABLED="true",
        REDIS_URL=redis_url,
        CELERY_ENABLED="true",
        MAIL_DIR=str(folder / "mail"),
    )


def _prepare(environment: Mapping[str, str]) -> None:
    admin = ["create_admin.py", "--email", ADMIN["email"], "--password", ADMIN["password"]]
    for arguments in ([*FLASK, "db", "upgrade"], admin):
        command = [sys.executable, *arguments]
        subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True)
