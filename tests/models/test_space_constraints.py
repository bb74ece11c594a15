"""What the databases themselves say of spaces, broken on purpose in both, past all of our code."""

from typing import Any, cast

from flask import Flask
from sqlalchemy import Table, update

from app.extensions import db
from app.kit.clock import utcnow
from app.models import Resource, Space
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import make_space
from tests.models.test_constraints import refused

SPACES = cast(Table, Space.__table__)
"""The table alone, without what a space is as a resource."""


@each_case(
    "fields",
    [
        {"latitude": 1},
        {"longitude": 1},
        {"latitude": 90.1, "longitude": 0},
        {"latitude": -90.1, "longitude": 0},
        {"latitude": 0, "longitude": 180.1},
        {"latitude": 0, "longitude": -180.1},
    ],
)
def test_a_place_has_both_coordinates_on_the_globe(app: Flask, fields: dict[str, Any]) -> None:
    """Or neither."""
    space = make_space()
    placed = update(SPACES).where(SPACES.c.id == space.id)
    refused(placed.values(fields), "ck_spaces_coordinates")
    with transaction():
        db.session.execute(placed.values(latitude=-90, longitude=180))


def test_what_is_retired_is_not_let(app: Flask) -> None:
    """Whoever lets it again says so."""
    space = make_space()
    refused(update(Resource).where(Resource.id == space.id).values(retired_at=utcnow()), "ck_resources_retired")
    with transaction():
        db.session.execute(update(Resource).where(Resource.id == space.id).values(retired_at=utcnow(), active=False))
    refused(update(Resource).where(Resource.id == space.id).values(active=True), "ck_resources_retired")
