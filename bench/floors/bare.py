"""A booking by bare Flask and psycopg2: the statements of `POST /api/bookings`, without checks, models or schemas.

Served by gunicorn with our own settings. `DATABASE_URL` names a PostgreSQL database that `bench.booking` has prepared.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import psycopg2
from flask import Flask, request
from psycopg2.extensions import connection as Connection  # noqa: N812  # a type, named as types are

app = Flask(__name__)
_idle: SimpleQueue[Connection] = SimpleQueue()

STATEMENTS = [one for one in Path(__file__).with_name("booking.sql").read_text().split(";\n") if one.strip()]


@contextmanager
def connected() -> Iterator[Connection]:
    """Lend a connection of this process; one that failed is rolled back and lent again."""
    one = psycopg2.connect(os.environ["FLOOR_URL"]) if _idle.empty() else _idle.get()
    try:
        yield one
        one.commit()
    except psycopg2.Error:
        one.rollback()
        raise
    finally:
        _idle.put(one)


@app.post("/book")
def book() -> tuple[dict[str, Any], int]:
    """Take `{client, service, staff, starts_at}` for a quarter of an hour; 409 where the time is taken."""
    asked: dict[str, Any] = request.get_json()
    start = datetime.fromisoformat(asked["starts_at"])
    values = {**asked, "start": start, "end": start + timedelta(minutes=15)}
    try:
        with connected() as connection, connection.cursor() as cursor:
            for statement in STATEMENTS:
                cursor.execute(statement, values)
                if statement.startswith("INSERT INTO bookings"):
                    (values["booking"],) = cursor.fetchone() or (None,)
    except psycopg2.errors.ExclusionViolation:
        return {"code": "slot_taken"}, 409
    return {"id": values["booking"]}, 201


@app.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that it serves."""
    return {"status": "ok"}
