"""Clients of the demo salon who come again and again, and what the house recommends itself.

Booked and rung up by the same verbs as over HTTP, when they would have been: so the worker finds who is due for what.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import Booking, BookingItem, CuratedLink, Product, Role, SaleMethod, Service, User
from app.orders.basket import Item
from app.recommendations.links import create_link
from app.recommendations.things import Kind, Thing
from app.sales import service as sales
from app.security.actor import Actor
from app.transactions import transaction
from demo.salon import BOOKED_AHEAD, book, conclude, start_near

COUNT, EVERY_DAYS, VISITS = 6, 28, 3
OFTEN = ("Haircut", "Manicure", "Facial", "Pedicure", "Men's cut")
"""What they come for: each for the first of these that is not booked already."""

BESIDES, TAKEN_HOME = "Colour", ("SHAMPOO-ARGAN-250", "MASK-SHEA-200")
LINKS = (("Colour", "SHAMPOO-ARGAN-250"), ("Braids", "BONNET-SATIN"), ("Manicure", "CUTICLE-OIL-15"))
"""Whoever has the service is told of the product."""


def add_regulars() -> bool:
    """Write them unless something is linked, or there is nobody, or no shop; say whether they were written."""
    is_there = db.session.scalar(select(CuratedLink.id).limit(1)) is not None
    admin_id = db.session.scalar(select(User.id).where(User.role == Role.ADMIN).order_by(User.id).limit(1))
    clients = db.session.scalars(select(User.id).where(User.role == Role.CLIENT).order_by(User.id).limit(COUNT)).all()
    services = {service.name: service.id for service in db.session.scalars(select(Service))}
    products = {product.sku: product.id for product in db.session.scalars(select(Product))}
    db.session.commit()
    wanted = ({name for name, _ in LINKS} | {*OFTEN, BESIDES}, {sku for _, sku in LINKS} | {*TAKEN_HOME})
    if is_there or admin_id is None or not (wanted[0] <= services.keys() and wanted[1] <= products.keys()):
        return False
    admin = Actor(admin_id, Role.ADMIN)
    for client_id in clients:
        _come_again(admin, client_id, services)
    with transaction():
        for place, (name, sku) in enumerate(LINKS):
            source, target = Thing(Kind.SERVICE, services[name]), Thing(Kind.PRODUCT, products[sku])
            create_link(admin.id, source, target, place)
    return True


def _come_again(admin: Actor, client_id: int, services: dict[str, int]) -> None:
    """Let a client have come every four weeks; the last time for a colour, too, with something to take home."""
    now = clock.utcnow()
    often = next((services[name] for name in OFTEN if services[name] not in _booked(client_id, now)), None)
    for nth in range(VISITS, 0, -1):
        day = (now - timedelta(days=EVERY_DAYS * nth)).replace(hour=6, minute=0, second=0, microsecond=0)
        for service_id in (often, services[BESIDES] if nth == 1 else None):
            if service_id is not None:
                _visit(admin, client_id, service_id, day)
        if nth == 1:
            _take_home(admin, client_id, day + timedelta(hours=5))


def _booked(client_id: int, now: datetime) -> set[int | None]:
    """Return what a client has had of late, or has booked ahead."""
    late = (Booking.client_id == client_id, Booking.starts_at > now - timedelta(days=EVERY_DAYS))
    found = set(db.session.scalars(select(BookingItem.service_id).join(BookingItem.booking).where(*late)))
    db.session.commit()
    return found


def _visit(admin: Actor, client_id: int, service_id: int, day: datetime) -> None:
    with clock.frozen(day - BOOKED_AHEAD):
        start = start_near(service_id, day)
        booking = start and book(admin, start, service_id, client_id)
    if booking:
        conclude(admin, booking)


def _take_home(admin: Actor, client_id: int, at: datetime) -> None:
    wanted = sales.Wanted([Item(sku, 1) for sku in TAKEN_HOME], SaleMethod.CASH, client_id=client_id)
    with clock.frozen(at), transaction():
        sales.sell(actor=admin, wanted=wanted)
