"""The demo business's shop: what it sells, what its services use, and what clients bought of it in the last weeks.

Everything is done by the same verbs as over HTTP, at a time when it would have been done: the stock's ledger is true.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, cycle
from operator import itemgetter
from typing import Any

from sqlalchemy import select

from app.extensions import business, db
from app.images.service import add_image
from app.images.subjects import Kind, Subject
from app.kit import clock
from app.kit.money import Money
from app.models import Booking, BookingItem, BookingStatus, Product, ProductKind, Role, SaleMethod, Service, User
from app.orders.basket import Item
from app.products.consumables import set_consumables, use_up
from app.products.service import create_product
from app.sales import service as sales
from app.security.actor import Actor
from app.transactions import transaction
from demo.goods import CARD_DAYS, CARDS, GOODS, PACKAGE, USES, Good
from demo.pictures import pack
from demo.purchases import PURCHASES, Purchase

OPENED = timedelta(days=40)
"""How long ago the first delivery came."""

USED_SINCE, MOST_VISITS = timedelta(days=30), 40
SALES = (
    (("SHAMPOO-ARGAN-250", 1), ("CONDITIONER-ARGAN-250", 1)),
    (("COMB-WIDE", 1),),
    (("CURL-CREAM-250", 1), ("BONNET-SATIN", 1)),
    (("POLISH-ROSE-15", 2), ("FILE-SET", 1)),
    (("BODY-BUTTER-200", 1), ("SCRUB-COFFEE-250", 1)),
    (("OIL-ARGAN-50", 1),),
    (("EDGE-CONTROL-100", 2),),
    (("GIFT-2000", 1),),
)
"""What was rung up at the counter, a basket every third day."""

PICTURED = 8

Act = Callable[[], object]
Event = tuple[datetime, Act]
"""When something is done, and what."""


def add_shop() -> bool:
    """Write the demo shop unless anything is sold, or there is nobody to sell it; say whether it was written."""
    is_open = db.session.scalar(select(Product.id).limit(1)) is not None
    admin_id = db.session.scalar(select(User.id).where(User.role == Role.ADMIN).order_by(User.id).limit(1))
    clients = list(db.session.scalars(select(User.id).where(User.role == Role.CLIENT).order_by(User.id).limit(20)))
    db.session.commit()
    if is_open or admin_id is None or not clients:
        return False
    admin, now = Actor(admin_id, Role.ADMIN), clock.utcnow()
    with clock.frozen(now - OPENED), transaction():
        _fill_shelves(admin)
    happened = chain(_visits(admin, now), _sales(admin, clients, now), _orders(admin, clients, now))
    for at, act in sorted(happened, key=itemgetter(0)):
        with clock.frozen(at), transaction():
            act()
    _add_pictures()
    return True


def _fill_shelves(admin: Actor) -> None:
    services = {service.name: service.id for service in db.session.scalars(select(Service).order_by(Service.id.desc()))}
    for fields in (*map(_good, GOODS), *map(_card, CARDS), *_packages(services)):
        create_product(fields, admin.id)
    for name in USES.keys() & services.keys():
        set_consumables(services[name], USES[name])


def _good(good: Good) -> dict[str, Any]:
    names = ("sku", "category", "name", "description", "on_hand", "reorder_level")
    prices = {"price": _money(good.price), "cost": _money(good.cost)}
    return {name: getattr(good, name) for name in names} | prices


def _card(card: tuple[str, str, int]) -> dict[str, Any]:
    sku, name, price = card
    terms = {"value": _money(price), "valid_days": CARD_DAYS}
    return _gift(sku, name, price) | {"kind": ProductKind.GIFT_CARD, "gift_card": terms}


def _packages(services: dict[str, int]) -> Iterator[dict[str, Any]]:
    sku, name, service, visits, days, price = PACKAGE
    if service in services:
        terms = {"service_id": services[service], "visits": visits, "valid_days": days}
        yield _gift(sku, name, price) | {"kind": ProductKind.PACKAGE, "package": terms}


def _gift(sku: str, name: str, price: int) -> dict[str, Any]:
    return {"sku": sku, "name": name, "category": "Gifts", "price": _money(price)}


def _money(amount: int) -> Money:
    return Money(amount, business.currency)


def _visits(admin: Actor, now: datetime) -> Iterator[Event]:
    """Book what the latest completed visits have used."""
    done = select(Booking.id, Booking.ends_at, BookingItem.service_id).join(Booking.items)
    done = done.where(Booking.status == BookingStatus.COMPLETED, Booking.ends_at > now - USED_SINCE)
    visits: defaultdict[tuple[int, datetime], list[int]] = defaultdict(list)
    for booking_id, ends_at, service_id in db.session.execute(done.order_by(Booking.ends_at.desc()).limit(MOST_VISITS)):
        if service_id is not None:
            visits[booking_id, ends_at].append(service_id)
    db.session.commit()
    for (booking_id, ends_at), services in visits.items():
        yield ends_at, partial(use_up, services, booking_id, actor_id=admin.id)


def _sales(admin: Actor, clients: list[int], now: datetime) -> Iterator[Event]:
    """Ring up a basket every third day, every other one to a client."""
    methods = cycle(SaleMethod)
    for nth, basket in enumerate(SALES, start=1):
        items = [Item(sku, quantity) for sku, quantity in basket]
        client_id = clients[nth % len(clients)] if nth % 2 else None
        wanted = sales.Wanted(items, next(methods), client_id=client_id)
        yield now - timedelta(days=3 * nth, hours=1), partial(sales.sell, actor=admin, wanted=wanted)


def _orders(admin: Actor, clients: list[int], now: datetime) -> Iterator[Event]:
    for purchase, client_id in zip(PURCHASES, cycle(clients), strict=False):
        yield from Purchase(purchase, Actor(client_id, Role.CLIENT), admin).events(now)


def _add_pictures() -> None:
    products = dict(db.session.execute(select(Product.sku, Product.id)).all())
    db.session.commit()
    for number, good in enumerate(GOODS[:PICTURED]):
        add_image(Subject(Kind.PRODUCT, products[good.sku]), pack(good.colour, number), f"{good.name}.")
