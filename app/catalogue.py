"""The catalogue's tables: what tells one state of them from another, and that whoever changes them waits for leases.

Only PostgreSQL has leases: SQLite is a file beside the process, which is asked each time.
"""

import re
from functools import lru_cache
from typing import Any, Final

from flask import Flask, has_request_context
from sqlalchemy import BigInteger, Engine, Select, Text, cast, column, event, func, literal, select, table, union_all

from app.extensions import db
from app.leases import Lease, State
from app.transactions import first_after_commit

TABLES: Final = ("services", "service_categories")
"""All that anonymous readers are shown of a service follows from these, whoever performs it left aside."""

_LEASE: Final = "catalogue_lease"
_MILLISECONDS: Final = 1000


def _rows_of(name: str) -> Select[*tuple[Any, ...]]:
    rows = table(name, column("id"), column("xmin"))
    writer = cast(cast(rows.c.xmin, Text), BigInteger)
    return select(literal(name), func.count(), func.sum(func.hashint8extended(rows.c.id, writer))).select_from(rows)


_STATE: Final = union_all(*(_rows_of(name) for name in TABLES))
"""Each row by its id and by the transaction that wrote it (`xmin`), which no two versions of a row have in common.

Sums of `xmin` alone would not do: transactions do not commit in the order of their numbers.
"""

_CHANGE: Final = re.compile(rf'\b(?:INTO|UPDATE|DELETE FROM|TRUNCATE(?: TABLE)?)(?: ONLY)? "?(?:{"|".join(TABLES)})\b')
"""Whose name follows: `FOR UPDATE OF services` changes nothing."""

MOST_STATEMENTS: Final = 256
"""How many are remembered: programs say the same again and again."""


def install(app: Flask) -> None:
    """Have `app` lease the state of the catalogue, and its changes wait for leases, where the settings wish it."""
    seconds = app.extensions["settings"].catalogue_lease_ms / _MILLISECONDS
    with app.app_context():
        engine = db.engine
    if not seconds or engine.dialect.name != "postgresql":
        return
    lease = Lease(lambda: _ask(app, engine), seconds)
    app.extensions[_LEASE] = lease
    event.listen(engine, "before_cursor_execute", lambda _connection, _cursor, said, *_rest: _watch(lease, said))


def lease_of(app: Flask) -> Lease | None:
    """Return the lease of the catalogue's state; None where each reader asks the database."""
    lease: Lease | None = app.extensions.get(_LEASE)
    return lease


@lru_cache(MOST_STATEMENTS)
def is_change(statement: str) -> bool:
    """Say whether a statement writes into the catalogue's tables, perhaps among other things."""
    return any(name in statement for name in TABLES) and _CHANGE.search(statement) is not None


def _ask(app: Flask, engine: Engine) -> State:
    """Return the state as it is committed now. The connection is its own: it must see no older moment than this one."""
    with app.app_context(), engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        return frozenset(map(tuple, alone.execute(_STATE)))


def _watch(lease: Lease, statement: str) -> None:
    """Have a request that changes the catalogue answered only when nobody goes any more by what was before."""
    if has_request_context() and is_change(statement):
        first_after_commit(lease.outlast)
