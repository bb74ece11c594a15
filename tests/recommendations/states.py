"""States of a small house, drawn by chance, that keep things from being named."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.extensions import db
from app.models import (
    Booking,
    BookingItem,
    BookingStatus,
    CuratedLink,
    FoundBecause,
    Order,
    OrderLine,
    PendingReason,
    PopularThing,
    Product,
    RecommendationModel,
    RecommendedThing,
    Resource,
    Role,
    Service,
    Staff,
    User,
)
from app.recommendations.choosing import JUST_BOUGHT
from app.transactions import transaction
from tests.factories import assign, make_booking, make_product, make_service, make_staff, make_user
from tests.recommendations.house import NOW, TODAY, bought

KINDS = 4
"""Services and products that there are of each."""

SOON, LONG_AGO = timedelta(days=3), timedelta(days=900)
LIVE: dict[str, Any] = {"pending_reason": None, "expires_at": None, "cancelled_at": None}
BOOKINGS: dict[str, dict[str, Any]] = {
    "never": LIVE | {"status": BookingStatus.COMPLETED, "starts_at": NOW - LONG_AGO},
    "had": LIVE | {"status": BookingStatus.COMPLETED, "starts_at": NOW - timedelta(days=28)},
    "had this morning": LIVE | {"status": BookingStatus.CONFIRMED, "starts_at": NOW - timedelta(hours=3)},
    "ahead": LIVE | {"status": BookingStatus.CONFIRMED, "starts_at": NOW + SOON},
    "asked for": LIVE
    | {
        "status": BookingStatus.PENDING,
        "starts_at": NOW + SOON,
        "pending_reason": PendingReason.APPROVAL,
        "expires_at": NOW + SOON,
    },
    "overdue": LIVE
    | {
        "status": BookingStatus.PENDING,
        "starts_at": NOW + SOON,
        "pending_reason": PendingReason.DEPOSIT,
        "expires_at": NOW - SOON,
    },
    "cancelled": LIVE | {"status": BookingStatus.CANCELLED, "starts_at": NOW + SOON, "cancelled_at": NOW},
}
"""What may have become of a client's booking of a service."""

TAKEN = {"had this morning", "ahead", "asked for"}
"""The ones after which the service must not be named."""


@dataclass(frozen=True)
class World:
    """Each service is performed by somebody of its own, and the client has booked it once, and bought each product."""

    client: User
    services: list[Service]
    staff: list[Staff]
    bookings: list[int]
    products: list[Product]
    orders: list[int]


def make_world() -> World:
    """Write it, with everything that the job may find."""
    client, seller = make_user(), make_user(Role.STAFF)
    services, staff = [make_service() for _ in range(KINDS)], [make_staff() for _ in range(KINDS)]
    for one, service in zip(staff, services, strict=True):
        assign(one, service)
    bookings = [make_booking(client, service, one, NOW + SOON).id for service, one in zip(services, staff, strict=True)]
    products = [make_product(10) for _ in range(KINDS)]
    for product in products:
        bought(client, seller, 900, product)
    with transaction():
        of_product = select(OrderLine.order_id).order_by(OrderLine.product_id)
        made = World(client, services, staff, bookings, products, list(db.session.scalars(of_product)))
    find_everything(made)
    return made


def find_everything(world: World) -> None:
    """Write that each thing is due or learnt, and popular, and linked by the business with the next one."""
    things = [{"service_id": one.id, "product_id": None} for one in world.services]
    things += [{"service_id": None, "product_id": one.id} for one in world.products]
    with transaction():
        model = RecommendationModel(day=TODAY, started_at=NOW, computed_at=NOW, clients=1)
        db.session.add(model)
        db.session.flush()
        for position, thing in enumerate(things):
            place = thing | {"model_id": model.id, "position": position, "score": 0.5}
            db.session.execute(insert(PopularThing).values(place))
            db.session.execute(insert(RecommendedThing).values(place | found(thing, position, world)))
            other = things[position - 1]
            ends = {f"from_{name}": value for name, value in other.items()} | {f"to_{k}": v for k, v in thing.items()}
            db.session.execute(insert(CuratedLink).values(ends))


def found(thing: dict[str, Any], position: int, world: World) -> dict[str, Any]:
    """Return why a thing is found: of services, every other one is due."""
    is_due = thing["service_id"] is not None and position % 2 == 0
    reason = FoundBecause.SIMILAR_CLIENTS if thing["service_id"] else FoundBecause.BOUGHT_TOGETHER
    return {
        "client_id": world.client.id,
        "reason": FoundBecause.DUE if is_due else reason,
        "because": [] if is_due else [["service", world.services[0].id]],
        "due_on": TODAY if is_due else None,
        "usual_interval_days": 28 if is_due else None,
    }


@dataclass(frozen=True)
class State:
    """What is to be so, in the order of the world's things."""

    booked: list[str]
    service_active: list[bool]
    staff_active: list[bool]
    product_active: list[bool]
    tracked: list[bool]
    left: list[int]
    bought_days_ago: list[int]

    @classmethod
    def by(cls, chance: Random) -> "State":
        """Draw one; each thing is kept from being named in about half of all states."""

        def mostly() -> list[bool]:
            return [chance.random() < 0.85 for _ in range(KINDS)]

        booked = [chance.choice(list(BOOKINGS)) for _ in range(KINDS)]
        left, days = ([chance.choice(values) for _ in range(KINDS)] for values in ((0, 0, 1, 9), (0, 29, 30, 31, 900)))
        return cls(booked, mostly(), mostly(), mostly(), mostly(), left, days)

    def forbidden_services(self) -> set[int]:
        """Return the places of services that must not be named."""
        return {
            n for n in range(KINDS) if not self.service_active[n] or not self.staff_active[n] or self.booked[n] in TAKEN
        }

    def forbidden_products(self) -> set[int]:
        """Return the places of products that must not be named."""
        return {
            n
            for n in range(KINDS)
            if not self.product_active[n]
            or (self.tracked[n] and self.left[n] == 0)
            or self.bought_days_ago[n] <= JUST_BOUGHT.days
        }

    def welcome_services(self) -> set[int]:
        """Return the places of those that must be named: what the client has not had, and can be had."""
        new = {n for n in range(KINDS) if self.booked[n] in {"never", "overdue", "cancelled"}}
        return new - self.forbidden_services()

    def welcome_products(self) -> set[int]:
        """Return the places of those that must be named: what the client has not had in years, and can be had."""
        return {n for n in range(KINDS) if self.bought_days_ago[n] == LONG_AGO.days} - self.forbidden_products()


def bring_about(world: World, state: State) -> None:
    """Make it so, in six statements."""
    products = [
        {
            "row": product.id,
            "active": state.product_active[n],
            "tracked": state.tracked[n],
            "on_hand": state.left[n] + 2 if state.tracked[n] else 0,
            "reserved": 2 if state.tracked[n] else 0,
        }
        for n, product in enumerate(world.products)
    ]
    bookings = [{"row": row, **booked(BOOKINGS[state.booked[n]])} for n, row in enumerate(world.bookings)]
    starts = [{"row": one["row"], "starts_at": one["starts_at"], "ends_at": one["ends_at"]} for one in bookings]
    with transaction():
        change(Service, [{"row": one.id, "active": state.service_active[n]} for n, one in enumerate(world.services)])
        change(Resource, [{"row": one.id, "active": state.staff_active[n]} for n, one in enumerate(world.staff)])
        change(Product, products)
        change(Booking, bookings)
        change(BookingItem, starts, BookingItem.booking_id)
        ago = zip(world.orders, state.bought_days_ago, strict=True)
        change(Order, [{"row": row, "created_at": NOW - timedelta(days=days)} for row, days in ago])


def booked(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a booking of an hour."""
    return fields | {"ends_at": fields["starts_at"] + timedelta(hours=1)}


def change(model: Any, rows: list[dict[str, Any]], key: Any = None) -> None:
    """Write other values into rows, all in one statement."""
    table = model.__table__
    column = table.c.id if key is None else table.c[key.key]
    names = [name for name in rows[0] if name != "row"]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    sent = [{"row": row["row"], **{f"new_{name}": row[name] for name in names}} for row in rows]
    db.session.connection().execute(update(table).where(column == bindparam("row")).values(values), sent)
