"""The floor: bare Flask and psycopg2, the statements of our requests, without checks, models or schemas.

`GET /service?service=1` runs `sql/service.sql` and answers with what its last statement finds; works that write take
their values as JSON. Served by gunicorn with its own settings. `FLOOR_URL` names the database.
"""

import os
import threading
from typing import Any

import orjson
import psycopg2
from flask import Flask, Response, request
from psycopg2.extensions import connection as Connection  # noqa: N812  # a type, named as types are
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # the same

from bench.floors.statements import statements, works, yields

app = Flask(__name__)
STATEMENTS = {work: [(one, yields(one)) for one in statements(work)] for work in works()}
_own = threading.local()

Values = dict[str, Any]


def connected(*, writing: bool) -> Connection:
    """Return this thread's connection; reads take no transaction."""
    if not hasattr(_own, "connection"):
        _own.connection = psycopg2.connect(os.environ["FLOOR_URL"])
    _own.connection.autocommit = not writing
    found: Connection = _own.connection
    return found


def run(cursor: Cursor, work: str, values: Values) -> None:
    """Run the statements of a kind of work."""
    for statement, is_value in STATEMENTS[work]:
        cursor.execute(statement, values)
        if is_value:
            values |= _row(cursor, cursor.fetchone() or ())


def _row(cursor: Cursor, row: tuple[Any, ...]) -> Values:
    return {column.name: value for column, value in zip(cursor.description or (), row, strict=True)}


@app.get("/hello")
def hello() -> Response:
    """Say hello."""
    return Response(orjson.dumps({"hello": "world"}), mimetype="application/json")


@app.get("/<work>")
def read(work: str) -> Response:
    """Answer with the rows of the last statement."""
    with connected(writing=False).cursor() as cursor:
        run(cursor, work, {name: int(value) for name, value in request.args.items()})
        rows = [_row(cursor, row) for row in cursor.fetchall()]
    return Response(orjson.dumps({"items": rows}), mimetype="application/json")


@app.post("/<work>")
def write(work: str) -> tuple[Response, int]:
    """Write, and answer with the ids of what was written; 409 where the time is taken."""
    values: Values = request.get_json()
    connection = connected(writing=True)
    try:
        with connection, connection.cursor() as cursor:  # which commits
            run(cursor, work, values)
    except psycopg2.errors.ExclusionViolation:
        return Response(orjson.dumps({"code": "slot_taken"}), mimetype="application/json"), 409
    return Response(orjson.dumps(values), mimetype="application/json"), 201
