"""What tests leave in a database, and how it goes away: which tables they may have filled, and what guards those."""

import contextlib
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, inspect, text

APPEND_ONLY = {
    *("audit_entries", "gift_card_movements", "invoice_lines", "invoices", "ledger_entries", "package_movements"),
    "stock_movements",
}
"""Tables of which the database never lets anything be deleted."""


def _dependents_first(connection: Connection) -> list[str]:
    """Return the names of all tables, each before those that it refers to."""
    ordered = inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _ in reversed(ordered) if name is not None]


def tables_to_empty(connection: Connection) -> list[str]:
    """Return the names of the tables to empty between tests: what the migrations filled belongs to the schema."""
    tables = _dependents_first(connection)
    kept = {"alembic_version", *filled(connection, tables)}
    return [name for name in tables if name not in kept]


def filled(connection: Connection, tables: Iterable[str]) -> set[str]:
    """Return those of `tables` that hold a row, in one query."""
    probes = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables]  # noqa: S608  # our names
    return set(connection.scalars(text(" UNION ALL ".join(probes))))


@contextlib.contextmanager
def without_guards(connection: Connection, tables: Iterable[str]) -> Iterator[None]:
    """Take the triggers of these tables of SQLite away until the block ends."""
    found = text("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = :table ORDER BY rowid")
    guards = [guard for table in sorted(tables) for guard in connection.execute(found, {"table": table})]
    for name, _ in guards:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in guards:
        connection.exec_driver_sql(sql)


def emptying_function(tables: Iterable[str]) -> str:
    """Return the function that empties those tables that are not: PostgreSQL plans its statements once."""
    steps = []
    for name in tables:
        disable, enable = (f"ALTER TABLE {name} {verb} TRIGGER USER;" for verb in ("DISABLE", "ENABLE"))
        delete = f"DELETE FROM {name};"  # noqa: S608  # our names
        step = f"{disable} {delete} {enable}" if name in APPEND_ONLY else delete
        steps.append(f"IF EXISTS (SELECT FROM {name}) THEN {step} END IF;")
    return f"CREATE OR REPLACE FUNCTION empty_all() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {' '.join(steps)} END $$"
