"""Which database errors mean "not just now": the caller may try again, nothing is broken."""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

BUSY_STATES = frozenset({"40001", "40P01", "55P03", "57014", "25P03", "53300"})
"""PostgreSQL: serialization failure, deadlock, time-outs, too many connections."""

BUSY_CLASSES = ("08", "57P")
"""PostgreSQL: connection lost, server shutting down or starting."""

BUSY_RESULTS = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
"""SQLite: another connection, or another part of this one, holds the lock."""


def is_outage(error: BaseException) -> bool:
    """Say whether `error` is a time-out, a lost connection or a lock held by others, on either database."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return (getattr(original, "sqlite_errorcode", 0) & 0xFF) in BUSY_RESULTS
    state: str | None = getattr(original, "pgcode", None)
    if state is None:
        return isinstance(error, OperationalError)
    return state in BUSY_STATES or state.startswith(BUSY_CLASSES)
