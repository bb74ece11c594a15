"""A small house with regulars, written straight into the database, for tests of what is found and read."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import (
    BookingStatus,
    PopularThing,
    Product,
    RecommendationModel,
    RecommendedThing,
    Role,
    SaleMethod,
    Service,
    Staff,
    User,
)
from app.orders.basket import Item
from app.recommendations.building import build
from app.sales.service import Wanted, sell
from app.security.actor import Actor
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_booking, make_product, make_service, make_user, make_working_staff, token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TODAY = date(2030, 1, 7)
ME = "/api/recommendations/me"
LINKS = "/api/recommendations/links"
CHOICE = "/api/users/me/recommendation-preferences"


def days_ago(days: int) -> datetime:
    """Return an instant of that day, in the morning."""
    return NOW - timedelta(days=days)


def visited(client: User, staff: Staff, ago: int, *services: Service) -> None:
    """Write a visit of so many days ago for each service."""
    for nth, service in enumerate(services):
        make_booking(client, service, staff, days_ago(ago) + timedelta(hours=nth), status=BookingStatus.COMPLETED)


def bought(client: User, seller: User, ago: int, *products: Product) -> None:
    """Ring up one of each at the counter, so many days ago."""
    wanted = Wanted([Item(product.id, 1) for product in products], SaleMethod.CASH, client_id=client.id)
    with clock.frozen(days_ago(ago)), transaction():
        sell(actor=Actor(seller.id, seller.role), wanted=wanted)


@dataclass(frozen=True)
class House:
    """Five regulars have a cut every 28 days, and four of them a colour and shampoo with a mask on the same day."""

    staff: Staff
    seller: User
    cut: Service
    colour: Service
    nails: Service
    shampoo: Product
    mask: Product
    comb: Product
    regulars: list[User]
    newcomer: User  # had one cut, five days ago
    stranger: User  # had nothing


def make_house() -> House:
    """Write it; three of the regulars were last here 28 days ago, and are due."""
    cut, colour, nails = (make_service(name=name) for name in ("Cut", "Colour", "Nails"))
    staff, seller = make_working_staff(cut, colour, nails), make_user(Role.STAFF)
    shampoo, mask, comb = (make_product(100, name=name) for name in ("Shampoo", "Mask", "Comb"))
    regulars = [make_user() for _ in range(5)]
    for nth, client in enumerate(regulars):
        for ago in (84, 56, 28):
            visited(client, staff, ago, cut)
        if nth:
            visited(client, staff, 28, colour)
            bought(client, seller, 28, shampoo, mask)
    newcomer = make_user()
    visited(newcomer, staff, 5, cut)
    return House(staff, seller, cut, colour, nails, shampoo, mask, comb, regulars, newcomer, make_user())


def advice(api: Api, who: User, **query: Any) -> Any:
    """Return what somebody is recommended."""
    answer = api.get(ME, query=query, token=token_for(who))
    assert answer.status_code == 200, answer.json
    return answer.json


def named(said: Any) -> list[tuple[str, str]]:
    """Return name and reason of all that is recommended, services before products."""
    found = [(one["service"]["name"], one["reason"]["code"]) for one in said["services"]]
    return found + [(one["product"]["name"], one["reason"]["code"]) for one in said["products"]]


def found_for(client: User) -> list[tuple[Any, ...]]:
    """Return what is kept for a client, of every run, but the run itself."""
    columns = [column for column in RecommendedThing.__table__.c if column.key not in {"model_id", "client_id"}]
    with transaction():
        rows = select(*columns).where(RecommendedThing.client_id == client.id)
        return [tuple(row) for row in db.session.execute(rows.order_by(RecommendedThing.position))]


def runs() -> list[int]:
    """Return the runs of which anything is kept, by table: all three must agree."""
    with transaction():
        kept = set(db.session.scalars(select(RecommendationModel.id)))
        for table in (RecommendedThing, PopularThing):
            assert set(db.session.scalars(select(table.model_id))) <= kept
        return sorted(kept)


def build_now() -> int:
    """Build, and return the run's number."""
    built = build()
    assert built is not None
    return built.version
