"""Runs the migrations of the current Flask application's database, beside programs that go on working.

Each is a transaction of its own. Whoever waits for a lock on a table makes everybody wait who comes after: so a
migration gives up soon, lets the others pass, and tries again.
"""

import random
import time
from collections.abc import Callable, Iterable
from logging import getLogger
from logging.config import fileConfig
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

import app.models  # noqa: F401  # fills the metadata
from app.extensions import db
from app.kit.columns import Base

LOCK_MILLISECONDS = 300
"""Less than callers mind, and than PostgreSQL waits before it looks for a deadlock (1 s): requests never lose one."""

ATTEMPTS = 60
PAUSE_SECONDS = (0.5, 1.5)
"""Between two attempts, at random: those who waited have passed by then."""

NO_LOCK = frozenset({"55P03", "40P01"})
"""PostgreSQL's codes for a lock that was not to be had in time, and for a deadlock."""

log = getLogger("alembic.env")

if context.config.config_file_name is not None and not current_app.testing:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def prepare(connection: Connection) -> None:
    """Let a migration run as long as it needs, but hardly wait for a lock.

    SQLite changes a table by making it anew, and would take what refers to the old one along.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql(f"SET lock_timeout = {LOCK_MILLISECONDS}")
        connection.commit()
    else:
        connection.connection.execute("PRAGMA foreign_keys=OFF")  # outside any transaction, where alone it counts


def remaining(plan: Callable[..., Iterable[Any]]) -> tuple[Callable[..., list[Any]], Callable[..., None]]:
    """Return a plan that is made once and then is what is left of it, and what strikes off a step that is done.

    Asked anew after its first step, "two steps down" would be two more.
    """
    steps: list[Any] | None = None

    def left(*position: Any) -> list[Any]:
        nonlocal steps
        steps = list(plan(*position)) if steps is None else steps
        return list(steps)

    def done(**_step: Any) -> None:
        if steps:
            del steps[0]

    return left, done


def configure(connection: Connection, **more: Any) -> None:
    """Tell alembic what to work on."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
        **more,
    )


def run_patiently(connection: Connection) -> None:
    """Run what the command asked for. Raises `OperationalError` where a lock is not to be had in all attempts."""
    configure(connection)
    left, done = remaining(context.get_context().opts["fn"])
    configure(connection, fn=left, on_version_apply=done)
    for attempt in range(1, ATTEMPTS + 1):
        prepare(connection)
        try:
            with context.begin_transaction():
                context.run_migrations()
        except OperationalError as error:
            if attempt == ATTEMPTS or getattr(error.orig, "pgcode", None) not in NO_LOCK:
                raise
            log.info("A table is in use: attempt %s of %s follows.", attempt + 1, ATTEMPTS)
            time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311  # no secret
        else:
            return


with db.engine.connect() as connection:
    run_patiently(connection)
db.engine.dispose()  # SQLite brings its file up to date when its last connection is closed, which an exit may forget
