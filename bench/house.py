"""Whom and what the table is measured on, written beside a large diary and handed out so that none comes twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import func, select, text

from app.extensions import business, db
from app.kit.clock import utcnow
from app.models import Assignment, AuthSession, Booking, Category, OpeningRule, Product, Role, Service, Staff, User
from app.models.product import ProductKind
from app.security.sessions import begin_session
from app.transactions import transaction
from app.web.pagination import Order
from demo.large import DAYS_AHEAD

CALLERS = 32
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
        with transaction():
            service, staff, products = _offer()
            clients = [_client(n) for n in range(CALLERS * CLIENTS_EACH)]
            db.session.add_all(clients)
            db.session.flush()
            self.service, self.staff = service.id, [one.id for one in staff]
            self.products = [product.id for product in products]
        with transaction():
            self.clients = [_signed_in(client) for client in clients]
        self.services = list(db.session.scalars(select(Service.id)))
        self.busy = _diary(self.service)
        self.long = self.clients[0]
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


def _offer() -> tuple[Service, list[Staff], list[Product]]:
    category = Category(name="Bench")
    services = [
        Service(name=f"Bench {n}", category=category, duration_minutes=MINUTES, price_amount=100)
        for n in range(SERVICES)
    ]
    for service in services:
        service.currency = business.currency
    staff = [Staff(name=f"Bench {n}", timezone="UTC") for n in range(CALLERS)]
    products = [_product(n) for n in range(CALLERS * LINES)]
    db.session.add_all([*services, *staff, *products])
    db.session.flush()
    for one in staff:
        db.session.add(Assignment(staff_id=one.id, service_id=services[0].id, currency=business.currency))
        db.session.add_all(OpeningRule(resource_id=one.id, weekday=day, opens=0, closes=1440) for day in range(7))
    return services[0], staff, products


def _product(n: int) -> Product:
    sku = f"BENCH-{n}"
    found = Product(kind=ProductKind.RETAIL, sku=sku, sku_key=sku.lower(), name=sku, price_amount=100, on_hand=10**6)
    found.currency = business.currency
    return found


def _client(n: int) -> User:
    email = f"bench{n}@parlour.example"
    return User(email=email, email_key=email, first_name="B", last_name="", role=Role.CLIENT)


def _signed_in(client: User) -> Client:
    token = begin_session(client).access_token
    session = db.session.scalars(select(AuthSession.id).where(AuthSession.user_id == client.id)).one()
    return Client(client.id, token, session)


def _diary(but: int) -> list[tuple[int, int]]:
    """Return (service, staff member) of the large diary."""
    rows = select(Assignment.service_id, Assignment.staff_id).join(Staff, Staff.id == Assignment.staff_id)
    these = rows.where(Staff.name.like("Therapist %"), Assignment.service_id != but)
    return [(row[0], row[1]) for row in db.session.execute(these)]


def _give_bookings(client: Client) -> int:
    """Give a client the oldest bookings, up to half of all; return how many."""
    every = db.session.scalar(select(func.count()).select_from(Booking)) or 0
    number = min(LONGEST, every // 2)
    with transaction():
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        db.session.execute(
            text(
                "UPDATE bookings SET client_id = :c WHERE id IN (SELECT id FROM bookings ORDER BY starts_at LIMIT :n)"
            ),
            {"c": client.id, "n": number},
        )
    return number


def _place(client: Client, offset: int) -> tuple[datetime, int, str]:
    """Return where a page behind so many bookings begins, and its cursor."""
    rows = select(Booking.starts_at, Booking.id).where(Booking.client_id == client.id)
    newest = rows.order_by(Booking.starts_at.desc(), Booking.id.desc())
    at, before = db.session.execute(newest.offset(offset - 1).limit(1)).one()
    return at.astimezone(UTC), before, Order("-starts_at", Booking.starts_at, Booking.id).cursor((at, before))
