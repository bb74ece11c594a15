"""How the table is made: every row on every server by turns, again and again, and of that the medians."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import event

from app.extensions import db
from bench.floors.statements import for_pgbench
from bench.house import House
from bench.load import CALLERS, Call, Load, drive
from bench.rows import Calls, Row
from bench.servers import Measured, pgbench
from tests.servers import HOST

HEAD = (
    "work",
    "ours /s",
    "Flask /s",
    "ratio",
    "at least",
    "FastAPI /s",
    "pgbench /s",
    "SQL",
    "CPU ms",
    "p95 ms",
    "p99 ms",
)
NOT_COUNTED = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")
FINE = range(200, 400)


@dataclass(slots=True)
class Rounds:
    """What came of a row, a value for each round."""

    rates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    statements: int = 0
    answers: int = 0

    def note(self, who: str, load: Load, cpu: float) -> None:
        """Take in what one server did in one round."""
        self.rates[who].append(load.rate)
        if who == "ours":
            self.answers += len(load.times)
            self.cpu.append(cpu * 1000 / len(load.times))
            self.p95.append(load.percentile(0.95))
            self.p99.append(load.percentile(0.99))

    def line(self, row: Row) -> list[str]:
        """Return the cells of the row."""
        middle = {who: statistics.median(rates) for who, rates in self.rates.items()}
        speeds = [f"{middle[who]:,.0f}" if who in middle else "" for who in ("ours", "bare", "quick", "pgbench")]
        ratio = f"{middle['ours'] / middle['bare']:.2f}"
        wanted = "" if row.least is None else f"{row.least:.2f}"
        rest = (statistics.median(values) for values in (self.cpu, self.p95, self.p99))
        return [
            row.name,
            *speeds[:2],
            ratio,
            wanted,
            *speeds[2:],
            str(self.statements),
            *(f"{one:.1f}" for one in rest),
        ]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is measured: so many rounds, so long each row on each server; `url` is where pgbench goes."""

    url: str
    rounds: int
    seconds: float


def measure(rows: Sequence[Row], house: House, servers: dict[str, Measured], pace: Pace) -> list[Rounds]:
    """Drive every row on every server, by turns, after a round that does not count."""
    found = [Rounds() for _ in rows]
    for turn in range(pace.rounds + 1):
        print(f"round {turn} of {pace.rounds}" if turn else "warming up", flush=True)
        for row, rounds in zip(rows, found if turn else [Rounds() for _ in rows], strict=True):
            _measure_row(row, rounds, house, servers, pace)
    return found


def _measure_row(row: Row, rounds: Rounds, house: House, servers: dict[str, Measured], pace: Pace) -> None:
    for who, server in servers.items():
        calls = row.ours if who == "ours" else row.floor
        rounds.note(who, *_loaded(server, calls, house, pace.seconds))
    if row.script and row.work:
        script = row.script(house) + for_pgbench(row.work)
        rounds.rates["pgbench"].append(pgbench(pace.url, script, pace.seconds, house.later()))


def _loaded(server: Measured, calls: Calls, house: House, seconds: float) -> tuple[Load, float]:
    began = server.cpu
    load = drive(HOST, server.port, [calls(house, caller) for caller in range(CALLERS)], seconds)
    require_fine(load.statuses)
    return load, server.cpu - began


def require_fine(statuses: Counter[int]) -> None:
    """Refuse to measure how fast a server says no."""
    if any(status not in FINE for status in statuses):
        raise RuntimeError(f"Answers by status: {dict(statuses)}")


def counted(app: Flask, call: Call) -> int:
    """Return how many statements a request takes, those around transactions and savepoints not counted."""
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    headers = [*call.headers, *([("Authorization", f"Bearer {call.token}")] if call.token else [])]
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        answer = app.test_client().open(call.path, method=call.method, json=call.body, headers=headers)
        event.remove(db.engine, "before_cursor_execute", note)
    require_fine(Counter([answer.status_code]))
    return len([one for one in seen if not one.startswith(NOT_COUNTED)])


def markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))


Timed = Callable[[], float]


def medians(rounds: int, timed: Timed) -> float:
    """Return the median of so many runs."""
    return statistics.median(timed() for _ in range(rounds))
