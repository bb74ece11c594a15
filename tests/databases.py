"""Migrated databases for tests: one original of each kind per session, copied for whoever needs one."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DatabaseError

from tests.emptying import APPEND_ONLY, emptying_function, filled, tables_to_empty, without_guards
from tests.postgres import postgresql_server
from tests.settings import process_environment

DIALECTS = ("sqlite", "postgresql")
"""The databases on which every promise is tested."""

refused_by_shape = pytest.mark.databases("sqlite")
"""Marks tests of what is refused before a database is asked: what reads it is the same for both."""

PROJECT = Path(__file__).parent.parent

MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 1 << 30  # noqa: S108  # Linux's; a folder of our own is made there


class NotMigrated(RuntimeError):
    """`flask db upgrade` failed on an empty database; says what it said."""


class SQLiteCopy:
    """A copy of a migrated SQLite file, beside it."""

    def __init__(self, original: str) -> None:
        self._original = Path(str(make_url(original).database))
        self._file = self._original.with_name(f"{uuid4().hex}.db")
        shutil.copyfile(self._original, self._file)
        self.url = f"sqlite:///{self._file}"
        with _connection(self.url) as connection:
            self._tables = tables_to_empty(connection)
            self._original_version = self._version = connection.scalar(text("PRAGMA schema_version"))

    def restore(self, engine: Engine, saved: Path | None = None) -> None:
        """Make the copy like the original again, or like what was saved; only `engine` may have it open."""
        if not (saved is None and self._is_emptied(engine)):
            engine.dispose()
            self.drop()
            shutil.copyfile(saved or self._original, self._file)
            self._version = self._original_version

    def _is_emptied(self, engine: Engine) -> bool:
        """Empty the tables that are not; of a few rows it is many times as fast as a copy, which SQLite must read anew.

        False, and as it was, where that does not make it like the original: a test has changed the schema, or somebody
        else is in the middle of something.
        """
        try:
            with engine.begin() as connection:
                if connection.scalar(text("PRAGMA schema_version")) != self._version:
                    return False
                found = filled(connection, self._tables)
                connection.execute(text("PRAGMA defer_foreign_keys=ON"))
                with without_guards(connection, found & APPEND_ONLY):
                    for name in self._tables:
                        if name in found:
                            connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608  # our names
                version = connection.scalar(text("PRAGMA schema_version"))
        except DatabaseError:
            return False
        self._version = version
        return True

    def save(self, engine: Engine) -> Path:
        """Keep the copy as it is now, beside it; only `engine` may have it open."""
        engine.dispose()
        saved = self._file.with_suffix(".saved")
        shutil.copyfile(self._file, saved)
        return saved

    def drop(self) -> None:
        """Remove the file and what SQLite keeps beside it."""
        for suffix in ("", "-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)


class PostgreSQLCopy:
    """A copy of a migrated PostgreSQL database, on the same server."""

    def __init__(self, original: str) -> None:
        template = make_url(original).database
        self.url = _new_database(original, f"{template}_{uuid4().hex[:8]}", template=template)
        with _connection(self.url) as connection:
            connection.execute(text(emptying_function(tables_to_empty(connection))))

    def restore(self, engine: Engine) -> None:
        """Empty the tables that are not, in one transaction; of the few rows of a test, many times as fast as TRUNCATE.

        The sequences go on: so the ids of two tables rarely agree by chance, and a mix-up of them shows.
        """
        with engine.begin() as connection:
            connection.execute(text("SELECT empty_all()"))

    def drop(self) -> None:
        """Remove the database, whoever is still connected to it."""
        _drop_databases(self.url, str(make_url(self.url).database))


Copy = SQLiteCopy | PostgreSQLCopy


def copy_of(original: str) -> Copy:
    """Make a new migrated database from an original; the caller drops it."""
    return SQLiteCopy(original) if original.startswith("sqlite") else PostgreSQLCopy(original)


@contextlib.contextmanager
def originals() -> Iterator[dict[str, str]]:
    """Yield the URL of a migrated, empty database per dialect: to be copied, never opened.

    At the end they are gone, and whatever copies somebody left behind; but for those of TEST_ORIGINALS, which are
    somebody else's.
    """
    if given := os.environ.get("TEST_ORIGINALS"):
        yield json.loads(given)
        return
    name = f"parlour_{uuid4().hex[:12]}"
    in_memory = tempfile.TemporaryDirectory(prefix="parlour-sqlite-", dir=_memory())
    with in_memory as directory, postgresql_server() as server:
        urls = {"sqlite": f"sqlite:///{directory}/original.db", "postgresql": _new_database(server, name)}
        try:
            _migrate(urls.values())
            yield urls
        finally:
            _drop_databases(server, name)


def _memory() -> Path | None:
    """Return a folder in memory, where it has room for the files of a session; None for the usual place.

    No test cuts the power: what is killed leaves its files as they are, there as on a disk.
    """
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES else None


@contextlib.contextmanager
def temporary_database() -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL database without migrations; it is gone at the end."""
    name = f"parlour_{uuid4().hex[:12]}"
    with postgresql_server() as server:
        try:
            yield _new_database(server, name)
        finally:
            _drop_databases(server, name)


def _migrate(urls: Iterable[str]) -> None:
    """Run `flask db upgrade`, as people do, on all databases at once."""
    command = [sys.executable, "-m", "flask", "--app", "run", "db", "upgrade"]
    running = [
        subprocess.Popen(
            command,
            cwd=PROJECT,
            env=process_environment(url),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for url in urls
    ]
    outputs = [process.communicate()[0].decode(errors="replace") for process in running]
    if any(process.returncode for process in running):
        raise NotMigrated("\n".join(outputs))


def _new_database(server: str, name: str, *, template: str | None = None) -> str:
    with _connection(server, database="postgres") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}{_quickly(connection)}"))
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _quickly(connection: Connection) -> str:
    """Return the words by which a new database is copied as files; to log every page, as usual, takes twice as long."""
    version = connection.dialect.server_version_info
    return " STRATEGY FILE_COPY" if version is not None and version >= (15,) else ""


def _drop_databases(server: str, prefix: str) -> None:
    """Drop every database whose name begins with `prefix`."""
    ours = text("SELECT datname FROM pg_database WHERE starts_with(datname::text, :prefix)")
    with _connection(server, database="postgres") as connection:
        for name in connection.scalars(ours, {"prefix": prefix}).all():
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@contextlib.contextmanager
def _connection(url: str, *, database: str | None = None) -> Iterator[Connection]:
    """Connect to a database, or another of its server; outside a transaction, as CREATE DATABASE demands."""
    address = make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg2", database=database)
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
