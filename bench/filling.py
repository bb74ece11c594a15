"""Databases to measure on: migrated, filled, and with nothing left to tidy up meanwhile."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import psycopg2
from sqlalchemy.engine import make_url

from bench.servers import SETTINGS
from tests.servers import PROJECT
from tests.settings import process_environment

MIGRATE = ("-m", "flask", "--app", "run", "db", "upgrade")
DIARY = ("seed.py", "--bookings={bookings}")
SPACES = ("-m", "bench.spaces", "--only-fill")


def fill(url: str, bookings: int, how: tuple[str, ...] = DIARY) -> None:
    """Bring a database up to date and fill it with so many bookings, unless they are there."""
    print(f"filling a database with {bookings:,} bookings, unless it has them", flush=True)
    environment = process_environment(url, **SETTINGS | {"LOG_LEVEL": "WARNING", "BOOKINGS": str(bookings)})
    migrated = _start(MIGRATE, environment, capture_output=True, text=True)
    if migrated.returncode:
        sys.exit(migrated.stderr)
    words = [word.format(bookings=bookings) for word in how]
    _start(words, environment, check=True, stdout=subprocess.DEVNULL)
    if url.startswith("postgresql"):
        _do(url, "VACUUM ANALYZE")


def another(url: str, name: str) -> str:
    """Return the URL of the database `name` on the same server; it is made where there is none."""
    if not _do(url, "SELECT 1 FROM pg_database WHERE datname = %s", name):
        _do(url, f'CREATE DATABASE "{name}" TEMPLATE template0')
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def use(url: str) -> None:
    """Let this process' applications run on that database, with the settings of the servers that are measured."""
    os.environ |= process_environment(url, **SETTINGS)


def _start(words: Sequence[str], environment: dict[str, str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=PROJECT, env=environment, **options)  # noqa: PLW1510  # in options


def _do(url: str, statement: str, *values: str) -> list[tuple[int]]:
    connection = psycopg2.connect(url)
    connection.autocommit = True  # what is done here is done outside of transactions
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[int]] = cursor.fetchall() if cursor.description else []
    connection.close()
    return found
