"""`/api/reviews`: what clients say."""

from typing import Any

from app.kit.errors import NotFound
from app.models import Review, ReviewStatus, Role
from app.reviews import service
from app.reviews.errors import AlreadyReviewed, BookingNotCompleted, OwnWork, ReviewClosed, ReviewHidden
from app.reviews.pages import page_of_reviews
from app.reviews.queries import Filters
from app.reviews.schemas import ReplyIn, ReviewChangesIn, ReviewIn, ReviewOut, ReviewsOut, ReviewsQuery
from app.reviews.showing import shown
from app.security.errors import BAD_TOKEN
from app.security.guards import current_actor, optional_actor, public, roles, signed_in
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.caching import cacheable
from app.web.verdicts import HidingIn, PublishingIn

blueprint = Blueprint("reviews", __name__, url_prefix="/api/reviews")


def _shown(review: Review) -> dict[str, Any]:
    (one,) = shown(optional_actor(), [review])
    return one


@blueprint.get("")
@public
@cacheable
@blueprint.arguments(ReviewsQuery, location="query")
@blueprint.response(200, ReviewsOut)
@blueprint.refuses(*BAD_TOKEN)
def list_all(query: dict[str, Any]) -> Any:
    """List the published reviews; of a service, a staff member or a space where one is named.

    `summary` is of all published reviews of what is named, whatever `rating`, `status` and `mine` say.
    """
    return page_of_reviews(Filters(**{name: query[name] for name in Filters.__slots__}), query)


@blueprint.post("")
@signed_in
@blueprint.arguments(ReviewIn)
@transactional
@blueprint.response(201, ReviewOut)
@blueprint.refuses(NotFound, OwnWork, BookingNotCompleted, AlreadyReviewed)
def create(fields: dict[str, Any]) -> Any:
    """Review a booking of yours that is completed; once.

    The review of a visit is about each of its services and everybody who performed them; that of a letting is about
    the space.
    """
    review = service.create_review(current_actor(), fields)
    return created(_shown(review), f"/api/reviews/{review.id}")


@blueprint.get("/<id:review_id>")
@public
@cacheable
@blueprint.response(200, ReviewOut)
@blueprint.refuses(*BAD_TOKEN)
def read(review_id: int) -> Any:
    """Read one review; a hidden one is there for its author and admins alone."""
    return _shown(service.get_review(optional_actor(), review_id))


@blueprint.patch("/<id:review_id>")
@signed_in
@blueprint.arguments(ReviewChangesIn)
@transactional
@blueprint.response(200, ReviewOut)
@blueprint.refuses(ReviewClosed)
def change(fields: dict[str, Any], review_id: int) -> Any:
    """Change your review, for 30 days after you wrote it; admins may at any time. A hidden one stays hidden."""
    return _shown(service.change_review(current_actor(), review_id, fields))


@blueprint.delete("/<id:review_id>")
@signed_in
@transactional
@blueprint.response(204)
@blueprint.refuses(ReviewHidden)
def delete(review_id: int) -> None:
    """Remove your review; admins, any. The booking can then be reviewed again."""
    service.delete_review(current_actor(), review_id)


@blueprint.post("/<id:review_id>/reply")
@roles(Role.STAFF, Role.OWNER, Role.ADMIN)
@blueprint.arguments(ReplyIn)
@transactional
@blueprint.response(200, ReviewOut)
def reply(fields: dict[str, Any], review_id: int) -> Any:
    """Answer a review of your work, or of your space, for all to read; a second answer replaces the first."""
    return _shown(service.reply_to(current_actor(), review_id, fields["text"]))


@blueprint.post("/<id:review_id>/hide")
@roles(Role.ADMIN)
@blueprint.arguments(HidingIn)
@transactional
@blueprint.response(200, ReviewOut)
def hide(fields: dict[str, Any], review_id: int) -> Any:
    """Show a review to nobody but its author and admins, and count it no more."""
    return _shown(service.moderate(current_actor(), review_id, ReviewStatus.HIDDEN, reason=fields["reason"]))


@blueprint.post("/<id:review_id>/publish")
@roles(Role.ADMIN)
@blueprint.arguments(PublishingIn)
@transactional
@blueprint.response(200, ReviewOut)
def publish(fields: dict[str, Any], review_id: int) -> Any:
    """Show a hidden review to everybody again, and count it."""
    return _shown(service.moderate(current_actor(), review_id, ReviewStatus.PUBLISHED, reason=fields["reason"]))
