"""`/api/testimonials`: what people say about the business."""

from typing import Any

from app.models import Role, Testimonial, TestimonialStatus
from app.security.errors import BAD_TOKEN
from app.security.guards import current_actor, optional_actor, public, roles, signed_in
from app.testimonials import service
from app.testimonials.errors import TooManyTestimonials
from app.testimonials.queries import Filters
from app.testimonials.schemas import (
    TestimonialChangesIn,
    TestimonialIn,
    TestimonialOut,
    TestimonialsQuery,
)
from app.testimonials.showing import shown
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.caching import cacheable
from app.web.pagination import paginate
from app.web.schemas import list_of
from app.web.verdicts import HidingIn, PublishingIn

blueprint = Blueprint("testimonials", __name__, url_prefix="/api/testimonials")

SORTS = {"created_at": Testimonial.created_at, "rating": Testimonial.rating}


@blueprint.get("")
@public
@cacheable
@blueprint.arguments(TestimonialsQuery, location="query")
@blueprint.response(200, list_of(TestimonialOut))
@blueprint.refuses(*BAD_TOKEN)
def list_all(query: dict[str, Any]) -> Any:
    """List the published testimonials."""
    actor, filters = optional_actor(), Filters(query["status"], query["rating"], query["mine"])
    page = paginate(service.list_testimonials(actor, filters), SORTS, query)
    return page | {"items": [shown(actor, one) for one in page["items"]]}


@blueprint.post("")
@signed_in
@blueprint.arguments(TestimonialIn)
@transactional
@blueprint.response(201, TestimonialOut)
@blueprint.refuses(TooManyTestimonials)
def create(fields: dict[str, Any]) -> Any:
    """Say something about the business; an admin publishes it. One person may have five."""
    testimonial = service.create_testimonial(current_actor(), fields)
    return created(shown(current_actor(), testimonial), f"/api/testimonials/{testimonial.id}")


@blueprint.get("/<id:testimonial_id>")
@public
@cacheable
@blueprint.response(200, TestimonialOut)
@blueprint.refuses(*BAD_TOKEN)
def read(testimonial_id: int) -> Any:
    """Read one testimonial; what is not published is there for its author and admins alone."""
    actor = optional_actor()
    return shown(actor, service.get_testimonial(actor, testimonial_id))


@blueprint.put("/<id:testimonial_id>")
@signed_in
@blueprint.arguments(TestimonialIn)
@transactional
@blueprint.response(200, TestimonialOut)
def replace(fields: dict[str, Any], testimonial_id: int) -> Any:
    """Write your testimonial anew. What has changed waits to be published again."""
    return shown(current_actor(), service.change_testimonial(current_actor(), testimonial_id, fields))


@blueprint.patch("/<id:testimonial_id>")
@signed_in
@blueprint.arguments(TestimonialChangesIn)
@transactional
@blueprint.response(200, TestimonialOut)
def change(fields: dict[str, Any], testimonial_id: int) -> Any:
    """Change your testimonial. What has changed waits to be published again."""
    return shown(current_actor(), service.change_testimonial(current_actor(), testimonial_id, fields))


@blueprint.delete("/<id:testimonial_id>")
@signed_in
@transactional
@blueprint.response(204)
def delete(testimonial_id: int) -> None:
    """Remove your testimonial; admins, any."""
    service.delete_testimonial(current_actor(), testimonial_id)


@blueprint.post("/<id:testimonial_id>/hide")
@roles(Role.ADMIN)
@blueprint.arguments(HidingIn)
@transactional
@blueprint.response(200, TestimonialOut)
def hide(fields: dict[str, Any], testimonial_id: int) -> Any:
    """Show a testimonial to nobody but its author and admins."""
    return _moderated(testimonial_id, TestimonialStatus.HIDDEN, fields["reason"])


@blueprint.post("/<id:testimonial_id>/publish")
@roles(Role.ADMIN)
@blueprint.arguments(PublishingIn)
@transactional
@blueprint.response(200, TestimonialOut)
def publish(fields: dict[str, Any], testimonial_id: int) -> Any:
    """Show a testimonial to everybody."""
    return _moderated(testimonial_id, TestimonialStatus.PUBLISHED, fields["reason"])


def _moderated(testimonial_id: int, status: TestimonialStatus, reason: str) -> dict[str, Any]:
    actor = current_actor()
    return shown(actor, service.moderate(actor, testimonial_id, status, reason=reason))
