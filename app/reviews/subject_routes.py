"""`/api/…/reviews`: the reviews of one service, staff member or space, under the path of that."""

from collections.abc import Callable
from typing import Any

from app.reviews.pages import page_of_reviews
from app.reviews.queries import Filters
from app.reviews.schemas import AboutQuery, ReviewsOut
from app.security.actor import Actor
from app.security.errors import BAD_TOKEN
from app.security.guards import optional_actor, public
from app.services.service import get_service
from app.spaces.service import get_space
from app.staff.service import see_staff
from app.web.blueprint import Blueprint
from app.web.caching import cacheable

of_services = Blueprint("service_reviews", __name__, url_prefix="/api/services")
of_staff = Blueprint("staff_reviews", __name__, url_prefix="/api/staff")
of_spaces = Blueprint("space_reviews", __name__, url_prefix="/api/spaces")


def _serve(blueprint: Blueprint, place: str, see: Callable[[Actor | None, int], object]) -> None:
    """Add the list below the thing whose id comes by the name `place`; `see` raises `NotFound` for who sees it not."""

    @blueprint.get(f"/<id:{place}>/reviews")
    @public
    @cacheable
    @blueprint.arguments(AboutQuery, location="query")
    @blueprint.response(200, ReviewsOut)
    @blueprint.refuses(*BAD_TOKEN)
    def list_all(query: dict[str, Any], **thing: int) -> Any:
        """List the published reviews of this alone, with what all of them amount to."""
        see(optional_actor(), thing[place])
        about: dict[str, Any] = thing
        return page_of_reviews(Filters(**about, rating=query["rating"]), query)


_serve(of_services, "service_id", lambda _actor, service_id: get_service(service_id))
_serve(of_staff, "staff_id", see_staff)
_serve(of_spaces, "space_id", lambda _actor, space_id: get_space(space_id))
