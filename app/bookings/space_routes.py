"""`/api/spaces`: the search, which knows what is booked."""

from typing import Any

from app.bookings import space_search
from app.security.errors import BAD_TOKEN
from app.security.guards import optional_actor, public
from app.spaces import matching, orders, service
from app.spaces.matching import Circle
from app.spaces.profiles import profiles
from app.spaces.queries import Filters
from app.spaces.schemas import USUAL_KM, SpaceOut, SpacesQuery
from app.web.blueprint import Blueprint
from app.web.caching import cacheable
from app.web.pagination import Order, Rows, paginate, paginate_sifted
from app.web.schemas import list_of

blueprint = Blueprint("space_search", __name__, url_prefix="/api/spaces")

UNKEPT = {"Cache-Control": "no-store"}


@blueprint.get("")
@public
@cacheable
@blueprint.arguments(SpacesQuery, location="query")
@blueprint.response(200, list_of(SpaceOut))
@blueprint.refuses(*BAD_TOKEN)
def search(query: dict[str, Any]) -> Any:
    """Search the spaces; with `available_from` and `available_to`, those that can be booked for that very time.

    Such a page may have fewer than `limit`, and still a `next_cursor`: then there may be more; no cache keeps it.
    Owners see their own spaces that are unavailable too, admins all; anybody, with `status=unavailable`.
    """
    filters = _filters(query)
    order = orders.order_of(query["sort"], filters)
    found = orders.with_its_index(service.list_spaces(optional_actor(), filters), order)
    by_time = query["available_from"] is not None
    page = _free(found, order, query) if by_time else _page(found, order, query)
    return page | {"items": profiles(page["items"])}, UNKEPT if by_time else {}


def _filters(query: dict[str, Any]) -> Filters:
    plain = ("city", "country", "status", "capacity_min", "price_min", "price_max", "amenities", "owner_id")
    words = matching.words_of(query["q"] or "")
    radius = query["radius_km"] or USUAL_KM
    circle = Circle(query["near"][0], query["near"][1], radius) if query["near"] else None
    return Filters(words=words, circle=circle, **{name: query[name] for name in plain})


def _page(found: Rows, order: Order, query: dict[str, Any]) -> dict[str, Any]:
    sorts = {order.name.removeprefix("-"): order.column}
    return paginate(found, sorts, query | {"sort": order.name}, key=order.key)


def _free(found: Rows, order: Order, query: dict[str, Any]) -> dict[str, Any]:
    wanted = space_search.stay(query["available_from"], query["available_to"])
    narrowed, sift = space_search.narrowed(found, wanted), space_search.sift(wanted)
    return paginate_sifted(narrowed, order, query, sift, batches=space_search.MOST_BATCHES)
