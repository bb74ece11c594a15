"""`python -m bench.spaces`: what a search costs among 100,000 spaces with BOOKINGS (1,000,000), on PostgreSQL.

On the configured, migrated database; the first run fills it, by statements that write whole tables. Prints for each
search its statements, items and milliseconds, and with `--plans` how the database found them. `make bench` asks it
over HTTP.
"""

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select, text

from app import create_app
from app.extensions import business, db
from app.kit.clock import utcnow
from app.models import Booking, ResourceKind, Space
from app.web.pagination import Order

BOOKINGS = int(os.environ.get("BOOKINGS", "1000000"))
EACH = 10
SPACES = BOOKINGS // EACH
ROUNDS = 11

FILL = (
    """INSERT INTO users (email, email_key, first_name, last_name, role, bio, is_active, email_verified, token_version,
           failed_logins, is_blocked, created_at, updated_at)
       SELECT 'owner' || n || '@bench.example', 'owner' || n || '@bench.example', 'Owner', n::text, 'owner', '', true,
           true, 0, 0, false, now(), now()
       FROM generate_series(1, 2000) n""",
    """CREATE TEMP TABLE made AS
       SELECT n, 'City ' || (n % 400) AS city, (n * 7919 % 2000) + 1 AS owner, n % 400 AS place,
           (ARRAY['Sunny','Quiet','Old','Blue','Grand','Little','Green','Upper','Hidden','White'])[n % 10 + 1] || ' ' ||
           (ARRAY['studio','garden room','hall','loft','meeting room','terrace','kitchen','gallery','stage','attic',
           'boathouse'])[n % 11 + 1] || CASE n % 1000 WHEN 7 THEN ' Zebra ' ELSE ' ' END || n AS name,
           (ARRAY['Africa/Nairobi','Europe/Berlin','America/New_York','Asia/Tokyo','UTC','Europe/London',
           'America/Los_Angeles','Asia/Kolkata','Africa/Lagos','Australia/Sydney'])[n % 10 + 1] AS zone
       FROM generate_series(1, {spaces}) n""",
    """INSERT INTO resources (kind, name, timezone, active, version, created_at, updated_at, rating_4)
       SELECT 'space', name, zone, n % 50 <> 0, 1, now() - n * interval '1 minute', now(), n * 31 % 40 FROM made""",
    "ANALYZE users, made, resources",
    """INSERT INTO spaces (id, owner_id, description, address, city, country, latitude, longitude, capacity, amenities,
           price_per_hour_amount, currency, min_minutes, max_minutes, instant_booking, deposit_type, deposit_value,
           min_notice_minutes, max_advance_days, cancellation_window_minutes, city_key, words)
       SELECT r.id, u.id, 'A place for ' || (n % 97) || ' kinds of guests.', n || ' High Street', city,
           (ARRAY['KE','DE','US','JP'])[place % 4 + 1], (place * 37 % 120) - 60 + (n % 100) / 500.0,
           (place * 53 % 340) - 170 + (n % 97) / 500.0, n % 60 + 1,
           CASE n % 3 WHEN 0 THEN '["wifi", "projector"]' WHEN 1 THEN '["wifi"]' ELSE '["lights"]' END::jsonb,
           n * 7 % 5000 * 100, '{currency}', 60, 600, n % 2 = 0, 'none', 0, 0, 365, 1440, lower(city),
           lower(made.name || chr(10) || city || chr(10) || 'A place for ' || (n % 97) || ' kinds of guests.')
       FROM made JOIN resources r ON r.name = made.name AND r.kind = 'space'
       JOIN users u ON u.email_key = 'owner' || owner || '@bench.example'""",
    """INSERT INTO opening_rules (resource_id, weekday, opens, closes)
       SELECT s.id, day, 480, 1200 FROM spaces s, generate_series(0, 6) day""",
    "ANALYZE spaces",
    """INSERT INTO bookings (reference, kind, status, client_id, space_id, starts_at, ends_at, timezone, party_size,
           notes, currency, total_amount, deposit_amount, paid_amount, cancel_free_until, late_cancel_fee_amount,
           no_show_fee_amount, version, created_at, updated_at)
       SELECT 'BS-' || s.id || '-' || n, 'space', CASE WHEN starts < now() THEN 'completed' ELSE 'confirmed' END,
           s.owner_id, s.id, starts, starts + interval '2 hours', 'UTC', 1, '', '{currency}', 10000, 0, 0, starts, 0, 0,
           1, starts, starts
       FROM spaces s, generate_series(0, {each} - 1) n,
           LATERAL (SELECT date_trunc('day', now()) + (n - 4) * interval '1 day' + (8 + s.id % 6) * interval '1 hour'
               AS starts) at""",
    """INSERT INTO allocations (resource_id, starts_at, ends_at, booking_id)
       SELECT space_id, starts_at, ends_at, id FROM bookings WHERE reference LIKE 'BS-%'""",
    "ANALYZE",
)


def main() -> None:
    """Fill the database where it is empty, and print one line for each search."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", action="store_true", help="print the plan of each search")
    parser.add_argument("--only-fill", action="store_true", help="fill the database, and measure nothing")
    wanted = parser.parse_args()
    plans: bool = wanted.plans
    os.environ |= {"RATELIMIT_ENABLED": "false", "LOG_LEVEL": "WARNING"}  # no caller asks that often
    app = create_app()
    with app.app_context():
        fill()
        if wanted.only_fill:
            return
        spaces, bookings = (db.session.scalar(select(func.count()).select_from(table)) for table in (Space, Booking))
        in_utc = select(Space).where(Space.kind == ResourceKind.SPACE, Space.active, Space.timezone == "UTC")
        middle, sample = cursor_in_the_middle(), db.session.scalars(in_utc.limit(1)).one()
        db.session.commit()
    print(f"PostgreSQL: {spaces:,} spaces, {bookings:,} bookings; medians of {ROUNDS}")
    for name, query in searches(utcnow(), middle, sample).items():
        report(app, name, query, plans=plans)


def fill() -> None:
    """Write everything, unless it is there."""
    if db.session.scalar(select(func.count()).select_from(Space)):
        return
    values = {"spaces": SPACES, "each": EACH, "currency": business.currency}
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    for statement in FILL:
        started = time.perf_counter()
        db.session.execute(text(statement.format(**values)))
        print(
            f"  {statement.split(' AS')[0].split('(')[0].strip()[:40]}: {time.perf_counter() - started:.0f} s",
            flush=True,
        )
    db.session.commit()


def cursor_in_the_middle() -> str:
    """Return what a caller has who has read half of all spaces by price."""
    by_price = select(Space.price_per_hour_amount, Space.id).order_by(Space.price_per_hour_amount, Space.id)
    row = db.session.execute(by_price.offset(SPACES // 2).limit(1)).one()
    return Order("price", Space.price_per_hour_amount, Space.__table__.c.id).cursor(row)


def searches(now: datetime, middle: str, sample: Space) -> dict[str, dict[str, Any]]:
    """Return the queries by what they look for; some are for what is like `sample`."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
    afternoon = {"available_from": f"{day:%F}T14:00:00Z", "available_to": f"{day:%F}T16:00:00Z"}
    night = {"available_from": f"{day:%F}T02:00:00Z", "available_to": f"{day:%F}T03:00:00Z"}
    forenoon = {"available_from": f"{day:%F}T08:00:00Z", "available_to": f"{day:%F}T15:00:00Z"}
    near = {"near": f"{sample.latitude},{sample.longitude}"}
    first, second, *_ = sample.name.split()
    there = {"city": sample.city}
    return {
        "everything": {},
        "by price, page 1": {"sort": "price"},
        "by price, page 2,500": {"sort": "price", "cursor": middle},
        "best rated first": {"sort": "-rating"},
        "newest first": {"sort": "-created_at"},
        "a rare word": {"q": "zebra"},
        "a rare word, mistyped": {"q": "zebrra"},
        "two words and a city": there | {"q": f"{second} {first}"},
        "a common word, mistyped": {"q": "boathouze"},
        "a common word, most relevant first": {"q": "studio"},
        "a city": there,
        "a city, cheapest first": there | {"sort": "price", "price_min": 100_000},
        "a country, for 50, cheapest first": {"country": "JP", "capacity_min": 50, "sort": "price"},
        "amenities": {"amenity": ["wifi", "projector"]},
        "somebody's": {"owner_id": sample.owner_id},
        "within 25 km": near,
        "within 500 km, dearest first": near | {"radius_km": 500, "sort": "-price"},
        "free on an afternoon": afternoon,
        "free, cheapest first": afternoon | {"sort": "price"},
        "free, best rated first": afternoon | {"sort": "-rating"},
        "free, within 25 km": afternoon | near,
        "free, in a city, a word": afternoon | there | {"q": first},
        "free, in a country, with amenities": afternoon | {"country": "KE", "amenity": ["wifi", "projector"]},
        "free all forenoon, where most are taken": forenoon,
        "free at night, when most are closed": night,
    }


def report(app: Flask, name: str, query: dict[str, Any], *, plans: bool) -> None:
    """Ask some times and print what it cost."""
    client = app.test_client()
    with app.app_context(), watching() as seen:
        answer = client.get("/api/spaces", query_string=query)
    assert answer.json is not None  # noqa: S101  # every answer is JSON
    times = sorted(timed(app, query) for _ in range(ROUNDS))
    found = len(answer.json["items"])
    median, worst = statistics.median(times), times[-1]
    print(f"  {name}: {len(seen)} statements, {found} items, median {median:.1f} ms, worst {worst:.1f} ms", flush=True)
    if plans:
        explain(app, next(one for one in seen if " spaces." in one[0] and "LIMIT" in one[0]))


def timed(app: Flask, query: dict[str, Any]) -> float:
    """Return the milliseconds of one request."""
    client = app.test_client()
    started = time.perf_counter()
    client.get("/api/spaces", query_string=query)
    return (time.perf_counter() - started) * 1000


@contextmanager
def watching() -> Iterator[list[tuple[str, Any]]]:
    """List the statements sent inside."""
    seen: list[tuple[str, Any]] = []

    def see(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", see)


def explain(app: Flask, asked: tuple[str, Any]) -> None:
    """Print the plan of a statement, carried out."""
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS) {asked[0]}", asked[1])
        for (line,) in rows:
            print(f"      {line[:170]}")


if __name__ == "__main__":
    main()
