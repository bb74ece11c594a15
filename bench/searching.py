"""Searches of spaces by words, city, price and a free window, over HTTP: no two callers look for the same."""

import random
import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Row, func, select

from app import create_app
from app.extensions import db
from app.models import Booking, ResourceKind, Space
from bench.filling import use
from bench.load import CALLERS, Call, drive
from bench.servers import ours
from bench.table import Pace, counted, require_fine
from tests.servers import HOST

FEW = 8
SAMPLE = 500
CHEAPEST, DEAREST = 100_000, 400_000

Sought = list[Row[str, str]]


def report_searches(url: str, pace: Pace) -> None:
    """Print what a search costs, one line for few callers and one for many; medians of rounds."""
    use(url)
    app = create_app()
    with app.app_context():
        sought, day, size = _sought(), _last_full_day(), _size()
        db.session.remove()
    statements = counted(app, next(_searches(sought, day)))
    with ours(url) as server:
        for callers in (FEW, CALLERS):
            loads = [
                drive(HOST, server.port, [_searches(sought, day) for _ in range(callers)], pace.seconds * 2)
                for _ in range(pace.rounds + 1)
            ][1:]
            for load in loads:
                require_fine(load.statuses)
            p95 = statistics.median(load.percentile(0.95) for load in loads)
            rate = statistics.median(load.rate for load in loads)
            print(
                f"- space search, {size}: words, city, price and window, {statements} statements,"
                f" {callers} connections: p95 {p95:.0f} ms, {rate:.0f}/s",
                flush=True,
            )


def _sought() -> Sought:
    """Return names and cities of some spaces."""
    every = select(Space.name, Space.city).where(Space.kind == ResourceKind.SPACE, Space.active)
    return list(db.session.execute(every.order_by(Space.id).limit(SAMPLE)).all())


def _last_full_day() -> datetime:
    """Return the day before the last on which bookings begin, at midnight."""
    newest: datetime = db.session.execute(select(func.max(Booking.starts_at))).scalar_one()
    return newest.replace(hour=0, minute=0) - timedelta(days=1)


def _size() -> str:
    spaces, bookings = (db.session.scalar(select(func.count()).select_from(one)) for one in (Space, Booking))
    return f"{spaces:,} spaces, {bookings:,} bookings"


def _searches(sought: Sought, day: datetime) -> Iterator[Call]:
    """Yield searches for ever: each for the kind of room that a space is, in its city, free for two hours."""
    chance = random.Random()  # noqa: S311  # nothing secret
    while True:
        name, city = chance.choice(sought)
        starts = day + timedelta(hours=chance.randrange(8, 16))
        window = {"available_from": f"{starts:%FT%TZ}", "available_to": f"{starts + timedelta(hours=2):%FT%TZ}"}
        query: dict[str, Any] = {"q": name.split()[1], "city": city, "price_min": CHEAPEST, "price_max": DEAREST}
        yield Call("GET", f"/api/spaces?{urlencode(query | window)}")
