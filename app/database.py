"""What each of the two databases needs at its connections, so that both keep the same promises."""

import sqlite3
from typing import Any

import structlog
from flask import Flask, request
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from app.extensions import db
from app.transactions import begins_writing, expect_writing

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=15000",
    "PRAGMA foreign_keys=ON",
)
"""Readers beside a writer; a commit survives a power cut; a writer waits 15 s; references are checked."""

POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000"
)
"""A web request never waits long for a lock or a statement; commands raise these for themselves."""

log = structlog.get_logger(__name__)

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def engine_options(url: str, pool_size: int) -> dict[str, Any]:
    """Return SQLAlchemy's engine options for `url`, for a process of `pool_size` threads."""
    if make_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 15}}
    return {
        "connect_args": {"options": POSTGRESQL_OPTIONS, "connect_timeout": 3},
        "pool_size": pool_size,
        "max_overflow": 2,
        "pool_timeout": 5,
        "pool_pre_ping": False,
    }


def install(app: Flask) -> None:
    """Prepare the engine of `app` for its dialect, and choose each request's kind of transaction."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)
    app.before_request(_choose_transaction)
    app.teardown_appcontext(_end_session)


def end_session() -> None:
    """Give the connection back. One that is lost by now takes nothing with it: whatever counts is committed before."""
    try:
        db.session.remove()
    except DBAPIError as error:
        log.warning("connection_lost", error=type(error.orig).__name__)
        db.session.registry.clear()


def _end_session(_error: BaseException | None) -> None:
    """Come before Flask-SQLAlchemy's own clean-up, whose error would pass by every handler and answer in HTML."""
    end_session()


def _choose_transaction() -> None:
    expect_writing(request.method not in READING_METHODS)


def _prepare_sqlite(engine: Engine) -> None:
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)


def _on_sqlite_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Hand transactions to us: the driver's own late BEGIN would let two writers read before either writes."""
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101  # narrows the driver's type for mypy
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _on_sqlite_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if begins_writing() else "BEGIN")
