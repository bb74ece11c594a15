"""The orders of a search for spaces."""

from app.models import Resource, ResourceKind, Space
from app.spaces import matching
from app.spaces.queries import Filters
from app.web.pagination import Column, Order, Rows

RESOURCE_ID, SPACE_ID = Resource.__table__.c.id, Space.__table__.c.id
"""The same number: each beside the columns that share an index with it."""

STORED: dict[str, tuple[Column, Column]] = {
    "name": (Space.name, RESOURCE_ID),
    "created_at": (Space.created_at, RESOURCE_ID),
    "rating": (Space.rating_score, RESOURCE_ID),
    "price": (Space.price_per_hour_amount, SPACE_ID),
}


def order_of(sort: str | None, filters: Filters) -> Order:
    """Return the order asked for; without one, what fits best is first, or what is nearest, or what begins with A."""
    name = sort or _usual(filters)
    return Order(name, *_columns(name.removeprefix("-"), filters))


def with_its_index(found: Rows, order: Order) -> Rows:
    """Return the select of spaces with what the index of the order begins with."""
    return found.where(Space.kind == ResourceKind.SPACE) if order.key is RESOURCE_ID else found


def _usual(filters: Filters) -> str:
    return "relevance" if filters.words else "distance" if filters.circle else "name"


def _columns(name: str, filters: Filters) -> tuple[Column, Column]:
    if name == "relevance":
        return matching.relevance(filters.words), SPACE_ID
    if name == "distance":
        assert filters.circle is not None  # noqa: S101  # the shape of the query has it
        return matching.distance_from(filters.circle), SPACE_ID
    return STORED[name]
