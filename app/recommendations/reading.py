"""Reading who took what, for the job: in short transactions, into columns of numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select

from app.database import let_statements_take_long
from app.extensions import business, db
from app.recommendations import purchase_queries as queries
from app.recommendations.purchase_queries import BATCH, Period, Place
from app.recommendations.purchases import Purchases
from app.recommendations.queries import REMEMBERED
from app.recommendations.things import Kind, Thing
from app.transactions import reading

Read = Callable[[Period, Place | None], Select[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What may be recommended, and after how many days the business itself says that one comes again."""

    services: dict[int, int | None]
    products: frozenset[int]


def read_catalogue() -> Catalogue:
    """Return what is not retired."""
    with reading():
        services = {row.id: row.rebook_after_days for row in db.session.execute(queries.services())}
        return Catalogue(services, frozenset(db.session.scalars(queries.products())))


def read_purchases(day: date) -> Purchases:
    """Return what clients took on the days before `day`, by the business's clocks. Its items are numbers of things."""
    zone = ZoneInfo(business.timezone)
    begin, end = (_midnight(one, zone) for one in (day - REMEMBERED, day))
    period = Period(begin, end)
    parts = [*_parts(queries.visits, period, Kind.SERVICE, zone), *_parts(queries.orders, period, Kind.PRODUCT, zone)]
    return Purchases.joined(parts)


def _parts(read: Read, period: Period, kind: Kind, zone: ZoneInfo) -> list[Purchases]:
    """Read all batches; a row takes 24 bytes of memory."""
    parts: list[Purchases] = []
    place: Place | None = None
    while True:
        with reading():
            let_statements_take_long()
            rows = db.session.execute(read(period, place)).all()
        parts.append(
            Purchases.of(
                (client_id, at.astimezone(zone).toordinal(), Thing(kind, thing_id).number)
                for _, at, client_id, thing_id in rows
                if thing_id is not None
            )
        )
        if len({row[0] for row in rows}) < BATCH:
            return parts
        place = Place(rows[-1][1], rows[-1][0])


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
