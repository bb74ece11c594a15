"""Looking up rows by statements of columns that were put together once, in requests that only read.

They need no session: no entity comes of them, and nothing is changed. Opening and closing one costs as much as asking.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Row, Select

from app.extensions import db
from app.transactions import begins_writing

Columns = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
Found = Row[*tuple[Any, ...]]


def rows(statement: Columns, values: Mapping[str, Any]) -> Sequence[Found]:
    """Return what `statement` finds for the `values` of its parameters, as it is committed now.

    Where the request writes, or its session has begun to read, the session asks: it sees what it has written, and no
    request has two connections.
    """
    if begins_writing() or _session_reads():
        return db.session.execute(statement, values).all()
    with db.engine.connect() as connection:
        return connection.execute(statement, values).all()


def row(statement: Columns, values: Mapping[str, Any]) -> Found | None:
    """Return the one row of that; None where there is none."""
    found = rows(statement, values)
    return found[0] if found else None


def _session_reads() -> bool:
    return db.session.registry.has() and db.session().in_transaction()
