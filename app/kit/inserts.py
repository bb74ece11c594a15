"""INSERT as SQLAlchemy's Core has it: what the databases say differently, and rows that are known whole.

To make a statement takes longer than to have it answered: these are made once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from app.kit.prepared import PREPARED

_INSERTS: Final[dict[str, Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert_into(model: type[Any], dialect: str) -> Any:
    """Return the dialect's INSERT, with `on_conflict_do_nothing` and `…_do_update`, for which they share no type."""
    return _INSERTS[dialect](model)


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be written: all its columns but its id and what the database works out.

    `written` is called with the id when it is there.
    """

    table: Table
    values: Mapping[str, Any]
    written: Callable[[int], object] | None = None


def row_of(model: type[Any], values: Mapping[str, Any], written: Callable[[int], object] | None = None) -> Row:
    """Return a row of a model's table; where `values` has no column, its default."""
    table = model.__table__
    made = {name: make() for name, make in _defaults(table).items() if name not in values}
    return Row(table, made | dict(values), written)


def row_for(thing: Any, **more: Any) -> Row:
    """Return the row of something new, with `more` that it does not know yet; its columns are called as it has them."""
    known = vars(thing)
    return row_of(type(thing), {name: known[name] for name in _defaults(thing.__table__) if name in known} | more)


def insert_rows(connection: Connection, rows: Sequence[Row]) -> list[int]:
    """Write rows, of which none refers to another, and return their ids: on PostgreSQL all of them in one statement."""
    if connection.dialect.name == "postgresql":
        values = {f"{name}_{n}": value for n, row in enumerate(rows) for name, value in row.values.items()}
        ids = list(connection.execute(_together(tuple(row.table for row in rows)), values).one())
    else:
        ids = [connection.execute(_alone(row.table), row.values).scalar_one() for row in rows]
    for row, row_id in zip(rows, ids, strict=True):
        if row.written is not None:
            row.written(row_id)
    return ids


def insert_alike(connection: Connection, rows: Sequence[Row]) -> list[int]:
    """Write rows of one table, and return their ids: on PostgreSQL in one statement, however many they are."""
    return list(connection.scalars(_alike(rows[0].table), [row.values for row in rows]))


def insert_unless_taken(connection: Connection, row: Row, column: str) -> int | None:
    """Write a row, and return its id; None where another has the value of its unique `column`, and nothing is written.

    Unlike a refusal by the constraint it needs no savepoint.
    """
    statement = _unless_taken(row.table, column, connection.dialect.name)
    row_id: int | None = connection.execute(statement, row.values).scalar()
    return row_id


@lru_cache(maxsize=256)
def _together(tables: tuple[Table, ...]) -> Select[*tuple[Any, ...]]:
    """Return the statement that writes a row into each of these tables, by values such as `starts_at_2`."""
    written = [
        insert(table)
        .values({name: bindparam(f"{name}_{n}", type_=table.c[name].type) for name in _defaults(table)})
        .returning(table.c.id)
        .cte(f"row_{n}")
        for n, table in enumerate(tables)
    ]
    return select(*(select(row.c.id).scalar_subquery() for row in written)).execution_options(**PREPARED)


@cache
def _alone(table: Table) -> Any:
    return insert(table).returning(table.c.id)


@cache
def _alike(table: Table) -> Any:
    return insert(table).returning(table.c.id, sort_by_parameter_order=True)


@cache
def _unless_taken(table: Table, column: str, dialect: str) -> Any:
    written = _INSERTS[dialect](table).on_conflict_do_nothing(index_elements=[column])
    return written.returning(table.c.id).execution_options(**PREPARED)


@cache
def _defaults(table: Table) -> dict[str, Callable[[], Any]]:
    """Return what makes the value of each column that is left out, but for those that the database works out."""
    written = (column for column in table.c if column.name != "id" and column.computed is None)
    return {column.name: _maker(column.default) for column in written}


def _maker(default: Any) -> Callable[[], Any]:
    if default is None:
        return lambda: None
    return partial(default.arg, None) if default.is_callable else lambda: default.arg
