"""One seeding at a time: who comes second waits, and then finds the data there."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from app.extensions import db

TURN = 0x5EED
"""PostgreSQL's advisory lock of everybody who seeds this database."""


@contextmanager
def taking_turns() -> Iterator[None]:
    """Hold the turn while the block runs; wait for it as long as it takes."""
    waiting = _in_database() if db.engine.dialect.name == "postgresql" else _beside(db.engine.url.database or "")
    with waiting:
        yield


@contextmanager
def _in_database() -> Iterator[None]:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # its time limits are gone, so it does not go back to the pool
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:turn)"), {"turn": TURN})
        yield


@contextmanager
def _beside(database: str) -> Iterator[None]:
    """Lock the folder that the SQLite file is in: the file's own locks are SQLite's."""
    folder = os.open(Path(database).parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
