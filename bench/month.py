"""`python -m bench.month`: what a month of slots costs on the configured database, in statements and milliseconds.

Fill the database first: `python seed.py --bookings 100000`. The service measured has twenty staff.
"""

import os
import statistics
import time
from collections.abc import Mapping
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app import create_app
from app.extensions import db
from app.kit.clock import utcnow
from app.models import Allocation, Assignment, Booking
from demo.large import DAYS_AHEAD

ROUNDS = 30


def main() -> None:
    """Print one line for each measurement."""
    os.environ["RATELIMIT_ENABLED"] = "false"  # no caller asks that often
    app = create_app()
    with app.app_context():
        service_id, staff = busiest_service()
        bookings = db.session.scalar(select(func.count()).select_from(Booking))
        taken = db.session.scalar(select(func.count()).select_from(Allocation))
        db.session.commit()
        print(f"{db.engine.dialect.name}: {bookings:,} bookings, {taken:,} allocations, {staff} staff")
    first = utcnow().date() + timedelta(days=1)
    for days in (1, 31):
        path = f"/api/bookings/availability?service_id={service_id}&from={first}&to={first + timedelta(days=days - 1)}"
        report(app, f"availability, {days} days", path)
    busy = f"/api/bookings/availability?service_id={service_id}&from={first - timedelta(days=31)}&to={first}"
    report(app, f"availability, 32 days up to {DAYS_AHEAD} days ahead", busy)


def busiest_service() -> tuple[int, int]:
    """Return the service with most staff, and how many they are."""
    found = select(Assignment.service_id, func.count()).group_by(Assignment.service_id)
    service_id, staff = db.session.execute(found.order_by(func.count().desc()).limit(1)).one()
    return service_id, staff


def report(app: Flask, name: str, path: str) -> None:
    """Call `path` some times and print its statements, milliseconds and bytes."""
    client = app.test_client()
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_r: statements.append(statement))
    size = len(client.get(path).data)
    counted = len([statement for statement in statements if not statement.startswith("BEGIN")])
    times = timings(client, path, ROUNDS)
    median, p95 = statistics.median(times), times[int(ROUNDS * 0.95)]
    print(f"  {name}: {counted} statements, median {median:.1f} ms, p95 {p95:.1f} ms, {size:,} bytes")


def timings(client: FlaskClient, path: str, rounds: int, headers: Mapping[str, str] | None = None) -> list[float]:
    """Return the milliseconds of so many calls, the shortest first."""
    return sorted(_timed(client, path, headers) for _ in range(rounds))


def _timed(client: FlaskClient, path: str, headers: Mapping[str, str] | None) -> float:
    started = time.perf_counter()
    client.get(path, headers=headers)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
