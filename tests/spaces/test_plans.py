"""How the databases find spaces: by an index for each order and each filter that narrows much, not by reading all."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app.extensions import business, db
from app.models import Resource, ResourceKind, Role, Space
from app.models.resource import search_keys
from app.transactions import transaction
from tests.api import Api
from tests.bookings.test_plans import plan_of, watching
from tests.factories import make_user
from tests.spaces.desk import SPACES

COUNT = 3000
AN_HOUR = {"available_from": "2030-01-07T10:00:00Z", "available_to": "2030-01-07T11:00:00Z"}


@pytest.fixture
def country(app: Flask) -> int:
    """As many spaces as a country has, in three hundred towns; return one of a hundred owners."""
    owners = [make_user(Role.OWNER).id for _ in range(100)]
    with transaction():
        named = [{"kind": ResourceKind.SPACE, "name": f"Space {n:05}", "timezone": "UTC"} for n in range(COUNT)]
        ids = list(db.session.scalars(insert(Resource).returning(Resource.id, sort_by_parameter_order=True), named))
        rows = [_row(n, space_id, owners[n % 100]) for n, space_id in enumerate(ids)]
        db.session.execute(insert(Space.__table__), rows)  # type: ignore[arg-type]  # a table, not any clause
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return owners[0]


def _row(n: int, space_id: int, owner_id: int) -> dict[str, Any]:
    city = f"Town {n % 300}"
    return {
        "id": space_id,
        "owner_id": owner_id,
        "address": "1 High Street",
        "city": city,
        "country": "KE",
        "latitude": n % 170 - 85,
        "longitude": n % 340 - 170,
        "capacity": 10,
        "amenities": ["wifi"] if n % 300 else ["stage"],
        "price_per_hour_amount": n * 7 % COUNT,
        "currency": business.currency,
        **search_keys(f"Space {n:05}" if n % 300 else "Zebra crossing", city, ""),
    }


BOTH: dict[str, tuple[dict[str, Any], str]] = {
    # what is asked, and a part of the index that serves it
    "all, by name": ({}, "ix_resources_kind_name"),
    "from Z": ({"sort": "-name"}, "ix_resources_kind_name"),
    "newest first": ({"sort": "-created_at"}, "ix_resources_kind_created_at"),
    "best rated first": ({"sort": "-rating"}, "ix_resources_kind_rating"),
    "cheapest first": ({"sort": "price"}, "ix_spaces_price"),
    "near": ({"near": "10,10", "radius_km": "25"}, "ix_spaces_coordinates"),
    "free": (AN_HOUR, "ix_allocations_resource_id"),
}
POSTGRESQL: dict[str, tuple[dict[str, Any], str]] = {
    "a city": ({"city": "town 7"}, "ix_spaces_city_key"),
    "an owner's": ({"owner_id": "{owner}"}, "ix_spaces_owner_id"),
    "a rare amenity": ({"amenity": "stage"}, "ix_spaces_amenities"),
}
"""SQLite walks through all names for these: it is for houses with few. `bench.spaces` shows the index of words."""


def test_searches_are_served_by_indexes(api: Api, country: int) -> None:
    """Each by its own, on both."""
    dialect = db.engine.dialect.name
    for name, (query, index) in (BOTH | (POSTGRESQL if dialect == "postgresql" else {})).items():
        wanted = {key: str(value).format(owner=country) for key, value in query.items()}
        with watching(" FROM resources JOIN spaces") as asked:
            assert api.get(SPACES, query=wanted).status_code == 200
        plan = plan_of(asked[0])
        assert index in plan, f"{name}\n{plan}"
        if wanted.keys() <= {"sort"}:
            assert not re.search("TEMP B-TREE FOR ORDER BY|Sort", plan), f"{name}\n{plan}"
