"""Whom and what the table is measured on, written beside a large diary and handed out so that none comes twice.

Each run has its own, also where an earlier one has written.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from secrets import token_hex

from flask import Flask
from sqlalchemy import func, select, text, update

from app import create_app
from app.database import let_statements_take_long
from app.extensions import business, db
from app.kit.clock import utcnow
from app.models import (
    Assignment,
    AuthSession,
    Booking,
    Category,
    OpeningRule,
    Product,
    Resource,
    Role,
    Service,
    Staff,
    User,
)
from app.models.product import ProductKind
from app.security.sessions import begin_session
from app.transactions import transaction
from app.web.pagination import Order
from bench.filling import use
from bench.load import CALLERS
from demo.large import DAYS_AHEAD

SERVICES = 200
CLIENTS_EACH = 10
"""Of each caller, so that no client's own bookings become many."""

LINES = 3
PAGE, DEEP_PAGE, LONGEST = 20, 4_000, 100_000
MINUTES = 15
BLOCK = 500
YEAR = 400
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who books."""

    id: int
    token: str
    session: int


class House:
    """What the callers ask for; `caller` counts from 0."""

    def __init__(self) -> None:
        """Write it, in an application's context."""
        run = token_hex(3)
        with transaction():
            _end_earlier()
            services, staff, products = _offer(run)
            clients = [_client(run, n) for n in range(CALLERS * CLIENTS_EACH + 1)]
            db.session.add_all(clients)
            db.session.flush()
            self.services, self.staff = [one.id for one in services], [one.id for one in staff]
            self.service = self.services[0]
            self.products = [product.id for product in products]
        with transaction():
            *self.clients, self.long = [_signed_in(client) for client in clients]
        self.busy = _diary()
        self.length = _give_bookings(self.long)
        self.deep = _place(self.long, min(DEEP_PAGE * PAGE, self.length - PAGE))
        db.session.commit()
        self.first = utcnow().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        self._blocks, self._later = [count() for _ in range(CALLERS)], count()
        self.etag = ""

    @property
    def newest(self) -> datetime:
        """The last day on which the large diary is full."""
        return utcnow() + timedelta(days=DAYS_AHEAD - 1)

    def starts(self, caller: int) -> Iterator[datetime]:
        """Return quarters of hours of the caller's staff member, within the year that may be booked, each once."""
        block = next(self._blocks[caller]) * BLOCK
        return (self.first + timedelta(minutes=MINUTES * (block + n)) for n in range(BLOCK))

    def later(self) -> int:
        """Return the seconds since 1970 of a time behind that year, from which on many quarters are free."""
        return int((self.first + timedelta(days=YEAR + 200 * next(self._later))).timestamp())

    def clients_of(self, caller: int) -> list[Client]:
        """Return the caller's clients."""
        return self.clients[caller::CALLERS]

    def products_of(self, caller: int) -> list[int]:
        """Return three products that nobody else orders."""
        return self.products[caller::CALLERS]


def move_in(url: str) -> tuple[Flask, House]:
    """Write a house into the filled database of `url`; return it with an application there, which says nothing."""
    use(url)
    app = create_app()
    logging.disable(logging.INFO)
    with app.app_context():
        house = House()
        db.session.remove()
    house.etag = app.test_client().get("/api/services").headers["ETag"]
    return app, house


def _end_earlier() -> None:
    """Take what earlier runs have offered out of the catalogue, so that it is as long as it was for them."""
    for kind in (Service, Resource):
        db.session.execute(update(kind).where(kind.name.like("Bench %")).values(active=False))


def _offer(run: str) -> tuple[list[Service], list[Staff], list[Product]]:
    category = Category(name=f"Bench {run}")
    services = [
        Service(name=f"Bench {n}", category=category, duration_minutes=MINUTES, price_amount=100)
        for n in range(SERVICES)
    ]
    for service in services:
        service.currency = business.currency
    staff = [Staff(name=f"Bench {n}", timezone="UTC") for n in range(CALLERS)]
    products = [_product(run, n) for n in range(CALLERS * LINES)]
    db.session.add_all([*services, *staff, *products])
    db.session.flush()
    for one in staff:
        db.session.add(Assignment(staff_id=one.id, service_id=services[0].id, currency=business.currency))
        db.session.add_all(OpeningRule(resource_id=one.id, weekday=day, opens=0, closes=1440) for day in range(7))
    return services, staff, products


def _product(run: str, n: int) -> Product:
    sku = f"BENCH-{run}-{n}"
    found = Product(kind=ProductKind.RETAIL, sku=sku, sku_key=sku.lower(), name=sku, price_amount=100, on_hand=10**6)
    found.currency = business.currency
    return found


def _client(run: str, n: int) -> User:
    email = f"bench-{run}-{n}@parlour.example"
    return User(email=email, email_key=email, first_name="B", last_name="", role=Role.CLIENT)


def _signed_in(client: User) -> Client:
    token = begin_session(client).access_token
    session = db.session.scalars(select(AuthSession.id).where(AuthSession.user_id == client.id)).one()
    return Client(client.id, token, session)


def _diary() -> list[tuple[int, int]]:
    """Return (service, staff member) of the large diary."""
    rows = select(Assignment.service_id, Assignment.staff_id).join(Staff, Staff.id == Assignment.staff_id)
    these = rows.where(Staff.name.like("Therapist %")).order_by(Assignment.service_id, Assignment.staff_id)
    return [(row[0], row[1]) for row in db.session.execute(these)]


def _give_bookings(client: Client) -> int:
    """Give a client one booking in so many, LONGEST in all or half of them; return how many."""
    every = db.session.scalar(select(func.count()).select_from(Booking)) or 0
    nth = max(2, every // LONGEST)
    with transaction():
        let_statements_take_long()
        db.session.execute(update(Booking).where(Booking.id % nth == 0).values(client_id=client.id))
        db.session.execute(text("ANALYZE bookings"))  # a client who has come that often would be known by now
    return db.session.scalar(select(func.count()).where(Booking.client_id == client.id)) or 0


def _place(client: Client, offset: int) -> tuple[datetime, int, str]:
    """Return where a page behind so many bookings begins, and its cursor."""
    rows = select(Booking.starts_at, Booking.id).where(Booking.client_id == client.id)
    newest = rows.order_by(Booking.starts_at.desc(), Booking.id.desc())
    at, before = db.session.execute(newest.offset(offset - 1).limit(1)).one()
    return at.astimezone(UTC), before, Order("-starts_at", Booking.starts_at, Booking.id).cursor((at, before))
