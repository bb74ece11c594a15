"""A page of reviews with its summary, wherever it is asked for."""

from typing import Any

from app.reviews import queries, service
from app.reviews.queries import Filters
from app.reviews.showing import shown
from app.security.guards import optional_actor
from app.web.pagination import paginate


def page_of_reviews(filters: Filters, query: dict[str, Any]) -> dict[str, Any]:
    """Return one page of the reviews that match and that the caller sees."""
    actor = optional_actor()
    sorts, key = queries.sorts(filters)
    page = paginate(service.list_reviews(actor, filters), sorts, query, key=key)
    return page | {"items": shown(actor, page["items"]), "summary": service.summarise(filters)}
