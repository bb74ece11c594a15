"""The same floor on FastAPI and asyncpg, served by uvicorn: `bench.floors.bare` says what it does."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-not-found,import-untyped,unused-ignore]  # installed by `make bench` alone
import orjson
from fastapi import FastAPI, Request, Response  # type: ignore[import-not-found,unused-ignore]  # the same

from bench.floors.statements import numbered, statements, works, yields

STATEMENTS = {work: [(*numbered(one), yields(one)) for one in statements(work)] for work in works()}
CONNECTIONS = 8
"""Of each process, as our threads have."""

Values = dict[str, Any]


@asynccontextmanager
async def connected(running: FastAPI) -> AsyncIterator[None]:
    """Hold a pool of connections while the process serves."""
    url = os.environ["FLOOR_URL"]
    async with asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS) as running.state.pool:
        yield


app = FastAPI(lifespan=connected)


async def run(connection: Any, work: str, values: Values) -> list[Any]:
    """Run the statements of a kind of work; return the rows of the last one."""
    rows: list[Any] = []
    for statement, names, is_value in STATEMENTS[work]:
        rows = await connection.fetch(statement, *(values[name] for name in names))
        if is_value:
            values |= dict(rows[0])
    return rows


@app.get("/hello")
async def hello() -> Response:
    """Say hello."""
    return Response(orjson.dumps({"hello": "world"}), media_type="application/json")


@app.get("/{work}")
async def read(work: str, request: Request) -> Response:
    """Answer with the rows of the last statement."""
    values = {name: int(value) for name, value in request.query_params.items()}
    async with app.state.pool.acquire() as connection:
        rows = await run(connection, work, values)
    return Response(orjson.dumps({"items": [dict(row) for row in rows]}), media_type="application/json")


@app.post("/{work}")
async def write(work: str, request: Request) -> Response:
    """Write, and answer with the ids of what was written; 409 where the time is taken."""
    values: Values = orjson.loads(await request.body())
    try:
        async with app.state.pool.acquire() as connection, connection.transaction():
            await run(connection, work, values)
    except asyncpg.ExclusionViolationError:
        return Response(orjson.dumps({"code": "slot_taken"}), 409, media_type="application/json")
    return Response(orjson.dumps(values), 201, media_type="application/json")
