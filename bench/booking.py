"""`python -m bench.booking`: bookings and a month of slots under load, beside a floor that does the same SQL alone.

On the configured PostgreSQL database, which needs `python seed.py --bookings N`. Ours and the floor take turns.
"""

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete, func, select

from app import create_app
from app.extensions import business, db
from app.kit.clock import utcnow
from app.models import Assignment, Booking, Category, OpeningRule, Role, Service, Staff, User
from app.security.sessions import begin_session
from app.transactions import transaction
from bench.__main__ import busiest_service
from bench.load import Call, Load, drive
from tests.servers import Server, serving
from tests.settings import process_environment

CALLERS = 32
BOOKINGS = 40
"""Of each caller, in each round."""

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SETTINGS = {"RATELIMIT_ENABLED": "false", "CLIENT_BOOKING_LIMIT": "10000", "FLASK_ENV": "development"}


def main() -> None:
    """Print one line for each measurement."""
    os.environ |= process_environment(os.environ["DATABASE_URL"], **SETTINGS)  # tokens by the servers' own keys
    app = create_app()
    with app.app_context():
        busiest, staff = busiest_service()
        people = Prepared()
        count = db.session.scalar(select(func.count()).select_from(Booking))
        db.session.commit()
    print(f"PostgreSQL, {count:,} bookings; 4 processes of 8 threads; {ROUNDS} rounds, medians", flush=True)
    with servers() as (ours, floor):
        month(ours, busiest, staff)
        for name, contended in (("uncontended", False), ("contended", True)):
            compare(name, people, ours, floor, contended=contended)
    with app.app_context():
        people.leave()


class Prepared:
    """Staff who are open day and night, clients with tokens, and free quarters of hours, never given out twice."""

    def __init__(self) -> None:
        """Write them."""
        with transaction():
            category = Category(name=f"Bench {utcnow():%F %T.%f}")
            made = Service(name="Bench", category=category, duration_minutes=15, price_amount=100)
            made.currency = business.currency
            staff = [Staff(name=f"Bench {n}", timezone="UTC") for n in range(CALLERS)]
            stamp = f"{utcnow():%Y%m%d%H%M%S%f}"
            emails = [f"bench{n}.{stamp}@parlour.example" for n in range(CALLERS)]
            clients = [User(email=e, email_key=e, first_name="B", last_name="", role=Role.CLIENT) for e in emails]
            db.session.add_all([made, *staff, *clients])
            db.session.flush()
            for one in staff:
                db.session.add(Assignment(staff_id=one.id, service_id=made.id, currency=business.currency))
                db.session.add_all(
                    OpeningRule(resource_id=one.id, weekday=day, opens=0, closes=1440) for day in range(7)
                )
        with transaction():
            self.tokens = [begin_session(client).access_token for client in clients]
            self.clients, self.staff = [client.id for client in clients], [one.id for one in staff]
            self.service = made.id
        self.first = utcnow().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        self.given = 0

    def leave(self) -> None:
        """Let nobody perform the service any more, so that it is not the busiest next time."""
        with transaction():
            db.session.execute(delete(Assignment).where(Assignment.service_id == self.service))

    def quarter(self) -> str:
        """Return a start that nobody has asked for yet."""
        self.given += 1
        return f"{self.first + timedelta(minutes=15 * self.given):%Y-%m-%dT%H:%M:%S}+00:00"


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """Serve ours and the floor, each as production would."""
    url = os.environ["DATABASE_URL"]
    plain = url.replace("postgresql+psycopg2", "postgresql")
    with (
        serving(url, workers=4, threads=8, **SETTINGS) as ours,
        serving(url, workers=4, threads=8, application="bench.floors.bare:app", FLOOR_URL=plain) as floor,
    ):
        yield ours, floor


def month(ours: Server, service_id: int, staff: int) -> None:
    """Print what a month of slots of a service costs at eight and at thirty-two connections."""
    first = utcnow().date() + timedelta(days=1)
    days = f"from={first}&to={first + timedelta(days=30)}"
    call = Call("GET", f"/api/bookings/availability?service_id={service_id}&{days}")
    for callers in (8, 32):
        load = drive(ours.host, ours.port, [[call] * 30] * callers)
        print(
            f"  a month of slots, {staff} staff, {callers} connections: {load.rate:.0f}/s, median"
            f" {load.percentile(0.5):.0f} ms, p95 {load.percentile(0.95):.0f} ms, {dict(load.statuses)}",
            flush=True,
        )


def compare(name: str, people: Prepared, ours: Server, floor: Server, *, contended: bool) -> None:
    """Print bookings a second of ours and of the floor, taking turns, and their ratio."""
    rates: dict[str, list[float]] = {"ours": [], "floor": []}
    last: dict[str, Load] = {}
    for _ in range(ROUNDS):
        for kind, server in (("ours", ours), ("floor", floor)):
            last[kind] = drive(server.host, server.port, calls(people, kind, contended=contended))
            rates[kind].append(last[kind].rate)
    mine, floors = statistics.median(rates["ours"]), statistics.median(rates["floor"])
    print(
        f"  bookings, {name}: ours {mine:.0f}/s (p99 {last['ours'].percentile(0.99):.0f} ms,"
        f" {dict(last['ours'].statuses)}), floor {floors:.0f}/s ({dict(last['floor'].statuses)}),"
        f" ratio {mine / floors:.2f}",
        flush=True,
    )


def calls(people: Prepared, kind: str, *, contended: bool) -> list[list[Call]]:
    """Return the calls of every caller: with a staff member of its own, or all with the same one."""
    found = []
    for caller in range(CALLERS):
        staff = people.staff[0 if contended else caller]
        starts = [people.quarter() for _ in range(BOOKINGS)]
        if kind == "ours":
            bodies = [{"service_id": people.service, "staff_id": staff, "starts_at": start} for start in starts]
            found.append([Call("POST", "/api/bookings", body, people.tokens[caller]) for body in bodies])
        else:
            who = {"client": people.clients[caller], "service": people.service, "staff": staff}
            found.append([Call("POST", "/book", who | {"starts_at": start}) for start in starts])
    return found


if __name__ == "__main__":
    main()
