"""What the tests of spaces ask with."""

from typing import Any

from app.models import User
from tests.api import Api
from tests.factories import token_for

SPACES = "/api/spaces"

LEAST: dict[str, Any] = {
    "name": "Garden room",
    "address": "12 Riverside Drive",
    "city": "Nairobi",
    "country": "KE",
    "capacity": 20,
    "price_per_hour": {"amount": 250_000},
}
"""A new space with nothing but what is required."""


def added(api: Api, owner: User, **fields: Any) -> dict[str, Any]:
    """Add a space and return it."""
    answer = api.post(SPACES, LEAST | fields, token=token_for(owner))
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def names(api: Api, **query: Any) -> list[str]:
    """Return the names that a search answers, in its order."""
    answer = api.get(SPACES, query=query)
    assert answer.status_code == 200, answer.json
    return [space["name"] for space in answer.json["items"]]


def wrong(answer: Any) -> list[str]:
    """Return the fields that a 422 names."""
    assert answer.status_code == 422, answer.json
    return sorted(answer.json["errors"])
