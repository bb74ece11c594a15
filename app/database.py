"""What each of the two databases needs at its connections, so that both keep the same promises."""

import select
import sqlite3
import sys
from datetime import UTC, timedelta, tzinfo
from typing import Any

import psycopg2
import structlog
from flask import Flask, has_request_context
from flask.globals import request_ctx
from psycopg2.extensions import POLL_OK, POLL_READ, STATUS_SETUP, cursor, set_wait_callback
from psycopg2.extensions import connection as PostgreSQLConnection  # noqa: N812  # a type, named as types are
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from app.extensions import db
from app.kit.prepared import PLANS, PreparingConnection, carry_out
from app.kit.quoted_rows import leave_out_rows
from app.migrating import revisions
from app.transactions import begins_writing, expect_writing, reading

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=15000",
    "PRAGMA foreign_keys=ON",
)
"""Readers beside a writer; a commit survives a power cut; a writer waits 15 s; references are checked."""

POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000"
    " -c pg_trgm.word_similarity_threshold=0.5"
)
"""A web request never waits long for a lock or a statement; commands raise these for themselves.

And a word like another one is one that shares half of its groups of three letters with it.
"""

CONNECT_SECONDS = 3
SPEECHLESS_SECONDS = 6
"""How long PostgreSQL may say nothing: while it takes a connection in, and later. No web statement may take so long."""

GONE_SECONDS: dict[str, int] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
"""When the kernel gives up a host that has vanished without a word: after a minute, in place of hours."""

log = structlog.get_logger(__name__)

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WRITING_WORDS = ("INSERT", "UPDATE", "DELETE")


class UtcCursor(cursor):
    """psycopg2's cursor, whose instants have Python's own UTC: every session is in that zone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what psycopg2's takes."""
        super().__init__(*args, **kwargs)
        self.tzinfo_factory = _utc


def _utc(_offset: timedelta | int) -> tzinfo:
    return UTC


def engine_options(url: str, pool_size: int) -> dict[str, Any]:
    """Return SQLAlchemy's engine options for `url`, for a process of up to `pool_size` connections."""
    if make_url(url).get_backend_name() == "sqlite":
        in_memory = make_url(url).database in {None, "", ":memory:"}  # which lives in one connection
        return {"connect_args": {"timeout": 15}} | ({} if in_memory else {"pool_size": pool_size})
    return {
        "connect_args": {
            "options": f"{POSTGRESQL_OPTIONS} {PLANS}",
            "connect_timeout": CONNECT_SECONDS,
            "connection_factory": PreparingConnection,
            "cursor_factory": UtcCursor,
            **GONE_SECONDS,
        },
        "pool_size": pool_size,
        "max_overflow": 2,
        "pool_timeout": 5,
        "pool_pre_ping": False,  # a round trip per transaction; `_on_postgresql_checkout` costs none
    }


def install(app: Flask) -> None:
    """Prepare the engine of `app` for its dialect, and choose each request's kind of transaction."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)
        else:
            event.listen(db.engine, "checkout", _on_postgresql_checkout)
            event.listen(db.engine, "begin", _on_postgresql_begin)
            event.listen(db.engine, "do_execute", carry_out)
            event.listen(db.engine, "handle_error", leave_out_rows)
        event.listen(db.engine, "before_cursor_execute", _refuse_to_write)
    app.before_request(_choose_transaction)
    app.teardown_appcontext(_end_session)


def bound_silence() -> None:
    """Have this process give up connections on which PostgreSQL says nothing for long.

    A frozen host, or a network that swallows everything, never hangs up: without an end each would keep its thread. It
    is for the web, whose statements are short: `connect_timeout` and `statement_timeout` are of no use there.
    """
    set_wait_callback(_wait)


def _wait(connection: PostgreSQLConnection) -> None:
    """Wait as psycopg2 does, but not for ever. Raises `OperationalError`, by which the connection is lost."""
    seconds = CONNECT_SECONDS if connection.status == STATUS_SETUP else SPEECHLESS_SECONDS
    while (wanted := connection.poll()) != POLL_OK:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN if wanted == POLL_READ else select.POLLOUT)
        if not poll.poll(seconds * 1000):
            raise psycopg2.OperationalError("PostgreSQL is silent.")


def require_migrated(*, may_be_away: bool = False) -> None:
    """End a program with one line (status 1) where the database lacks a migration; and where it is not there, unless it
    may be away."""
    try:
        with reading():
            is_current = is_migrated(db.session.connection())
    except DBAPIError:
        if may_be_away:
            return
        sys.exit("The database is not there: see DATABASE_URL.")
    if not is_current:
        sys.exit("The database is not migrated: run 'flask --app run db upgrade' first.")


def is_migrated(connection: Connection) -> bool:
    """Say whether the database has all migrations.

    A newer one than this program knows passes: while an update rolls out, the older program works on.
    """
    heads, known = revisions()
    current = _revisions(connection)
    return current == heads or not current <= known


def let_statements_take_long() -> None:
    """Let the statements of the present transaction take longer than those of a web request may."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = 0"))


def _revisions(connection: Connection) -> set[str]:
    """Return where the migrations have brought the database; empty for one that has seen none."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


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
    expect_writing(request_ctx.request.method not in READING_METHODS)


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


def _on_postgresql_checkout(
    connection: DBAPIConnection, _record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Have the pool replace a connection that the server has closed while it idled: restarted, say.

    Nothing is asked of one that is silent. Whoever closes says so, and then there is something to read; what else it
    may be, a notice of new settings for one, a question finds out.
    """
    assert isinstance(connection, PostgreSQLConnection)  # noqa: S101  # narrows the driver's type for mypy
    try:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            db.engine.dialect.do_ping(connection)
    except psycopg2.Error as error:
        raise DisconnectionError from error


def _refuse_to_write(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """Let no request that only reads write by mistake: without a transaction it would stay. Raises `RuntimeError`."""
    if statement.startswith(WRITING_WORDS) and _only_reads():
        raise RuntimeError("A request that only reads has tried to write.")


def _only_reads() -> bool:
    return has_request_context() and not begins_writing()


def _on_postgresql_begin(connection: Connection) -> None:
    """Read without a transaction where a request only reads: BEGIN and ROLLBACK are round trips, and protect nothing.

    Each statement sees what is committed by then with them as well. Commands and jobs say `SET LOCAL` before they read.
    """
    if "isolation_level" not in connection.get_execution_options():  # whoever says one has it
        driver: Any = connection.connection.dbapi_connection
        driver.autocommit = _only_reads()
