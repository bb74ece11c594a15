"""A diary of a million bookings in minutes: ten days of the large one, written again and again, ever further back."""

import subprocess
import sys

import psycopg2

from demo.large import HOURS, STAFF_COUNT
from tests.databases import PROJECT
from tests.settings import process_environment

DAYS = 10
A_ROUND = DAYS * STAFF_COUNT * len(HOURS)

EARLIER = "- nth * interval '10 days'"
COPIED = {
    "id": f"id + nth * {A_ROUND}",
    "booking_id": f"booking_id + nth * {A_ROUND}",
    "reference": f"'BK-M' || (id + nth * {A_ROUND})",
}
"""What differs in a copy, beside its instants."""

COLUMNS = (
    "SELECT quote_ident(column_name), data_type FROM information_schema.columns"
    " WHERE table_name = %s AND (column_name <> 'id' OR %s)"
)
"""Of bookings with their ids, which the others name."""

OF_THE_DIARY = "reference ~ '^BK-D[0-9]{8}$'"
TABLES = {"bookings": OF_THE_DIARY} | dict.fromkeys(
    ("booking_items", "allocations", "booking_history"),
    f"booking_id IN (SELECT id FROM bookings WHERE {OF_THE_DIARY})",  # noqa: S608  # our own words
)
"""Which rows are written again."""


def fill(url: str, count: int) -> int:
    """Migrate the database of `url`, add the demo and about `count` bookings; return how many there are."""
    for command in (["-m", "flask", "--app", "run", "db", "upgrade"], ["seed.py", "--bookings", str(A_ROUND)]):
        environment = process_environment(url)
        subprocess.run([sys.executable, *command], cwd=PROJECT, env=environment, check=True, capture_output=True)
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        for table, rows in TABLES.items():
            _write_again(cursor, table, rows, count // A_ROUND - 1)
        cursor.execute("SELECT setval('bookings_id_seq', (SELECT max(id) FROM bookings))")
        cursor.execute("UPDATE products SET on_hand = 1000000 WHERE tracked")  # the callers' orders never run out
        cursor.execute("SELECT count(*) FROM bookings")
        [(found,)] = cursor.fetchall()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    return int(found)


def _write_again(cursor: psycopg2.extensions.cursor, table: str, rows: str, times: int) -> None:
    cursor.execute(COLUMNS, [table, table == "bookings"])
    columns = {name: _copied(name, kind) for name, kind in cursor.fetchall()}
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"  # noqa: S608  # no input
        f" FROM {table}, generate_series(1, {times}) nth WHERE {rows}"
    )


def _copied(name: str, kind: str) -> str:
    return COPIED.get(name, f"{name} {EARLIER}" if kind.startswith("timestamp") else name)
