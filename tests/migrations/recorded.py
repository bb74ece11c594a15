"""Migrations run one by one on PostgreSQL, and what each of them did there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import flask_migrate
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection, event, text

from app.extensions import db
from tests.migrations.dangers import Statement, dangers

FILES = text("SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One migration in one direction."""

    revision: str
    up: bool
    dangers: list[str]


def revisions() -> list[str]:
    """Return all, the oldest first."""
    scripts = ScriptDirectory(_folder())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def recorded() -> Iterator[Recorded]:
    """Go from the newest to nothing and back, in the current application's database, which is empty."""
    names = revisions()
    for revision in reversed(names):
        yield _run(revision, up=False)
    for revision in names:
        yield _run(revision, up=True)


def recorded_from(present: str) -> Iterator[Recorded]:
    """Go from the present revision of the database to the newest, and back."""
    newer = [name for name in revisions() if name > present]
    for revision in newer:
        yield _run(revision, up=True)
    for revision in reversed(newer):
        yield _run(revision, up=False)


def _run(revision: str, *, up: bool) -> Recorded:
    before = _files()
    with _statements() as statements:
        if up:
            flask_migrate.upgrade(_folder(), "+1")
        else:
            flask_migrate.downgrade(_folder(), "-1")
    after = _files()
    used = before.keys() - {"alembic_version"}
    rewritten = {table for table in used if after.get(table, before[table]) != before[table]}
    found = dangers(statements, used, up=up) + [f"written anew: {table}" for table in sorted(rewritten)]
    return Recorded(revision, up, found)


def _folder() -> str:
    folder: str = current_app.extensions["migrate"].directory
    return folder


def _files() -> dict[str, int]:
    """Return the file of each table: a table that is written anew has another."""
    with db.engine.connect() as connection:
        return {row.relname: row.relfilenode for row in connection.execute(FILES)}


@contextmanager
def _statements() -> Iterator[list[Statement]]:
    found: list[Statement] = []

    def note(connection: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        assert connection.connection.dbapi_connection is not None
        found.append(Statement(sql, alone=connection.connection.dbapi_connection.autocommit))

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
