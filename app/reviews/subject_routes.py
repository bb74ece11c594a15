"""`/api/…/reviews`: the reviews of one service, staff member or space, under the path of that."""

from typing import Any

from app.reviews.pages import page_of_reviews
from app.reviews.queries import Filters
from app.reviews.schemas import AboutQuery, ReviewsOut
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


@of_services.get("/<id:service_id>/reviews")
@public
@cacheable
@of_services.arguments(AboutQuery, location="query")
@of_services.response(200, ReviewsOut)
@of_services.refuses(*BAD_TOKEN)
def list_of_service(query: dict[str, Any], service_id: int) -> Any:
    """List the published reviews of a service, with what all of them amount to."""
    get_service(service_id)
    return page_of_reviews(Filters(service_id=service_id, rating=query["rating"]), query)


@of_staff.get("/<id:staff_id>/reviews")
@public
@cacheable
@of_staff.arguments(AboutQuery, location="query")
@of_staff.response(200, ReviewsOut)
@of_staff.refuses(*BAD_TOKEN)
def list_of_staff(query: dict[str, Any], staff_id: int) -> Any:
    """List the published reviews of a staff member's work, with what all of them amount to."""
    see_staff(optional_actor(), staff_id)
    return page_of_reviews(Filters(staff_id=staff_id, rating=query["rating"]), query)


@of_spaces.get("/<id:space_id>/reviews")
@public
@cacheable
@of_spaces.arguments(AboutQuery, location="query")
@of_spaces.response(200, ReviewsOut)
@of_spaces.refuses(*BAD_TOKEN)
def list_of_space(query: dict[str, Any], space_id: int) -> Any:
    """List the published reviews of a space, with what all of them amount to."""
    get_space(space_id)
    return page_of_reviews(Filters(space_id=space_id, rating=query["rating"]), query)
