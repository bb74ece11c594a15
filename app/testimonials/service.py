"""The verbs of testimonials. What somebody writes, or changes, waits until an admin publishes it."""

from typing import Any

from sqlalchemy import Select

from app.audit.service import Thing, record
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Forbidden, NotFound
from app.models import MOST_TESTIMONIALS, Testimonial, TestimonialStatus
from app.security.actor import Actor
from app.testimonials import queries
from app.testimonials.errors import TooManyTestimonials
from app.testimonials.permissions import may_change, may_delete, may_see
from app.testimonials.queries import Filters
from app.transactions import locked
from app.users.service import lock_active


def list_testimonials(actor: Actor | None, filters: Filters) -> Select[Testimonial]:
    """Return the select of the testimonials that the actor sees and that match."""
    return queries.testimonials(actor, filters)


def get_testimonial(actor: Actor | None, testimonial_id: int) -> Testimonial:
    """Return a testimonial that the actor sees. Raises `NotFound`."""
    found = queries.whole().where(Testimonial.id == testimonial_id, queries.visible_to(actor))
    testimonial = db.session.scalars(found).one_or_none()
    if testimonial is None:
        raise NotFound
    return testimonial


def create_testimonial(actor: Actor, fields: dict[str, Any]) -> Testimonial:
    """Write a testimonial, to be published by an admin. Raises `TooManyTestimonials`, `TokenRevoked`."""
    user = lock_active(actor.id)
    taken = set(db.session.scalars(queries.numbers_of(user.id)))
    number = next((one for one in range(1, MOST_TESTIMONIALS + 1) if one not in taken), None)
    if number is None:
        raise TooManyTestimonials
    now = utcnow()
    testimonial = Testimonial(user=user, number=number, created_at=now, updated_at=now, **fields)
    db.session.add(testimonial)
    db.session.flush()
    return testimonial


def change_testimonial(actor: Actor, testimonial_id: int, fields: dict[str, Any]) -> Testimonial:
    """Change the fields given; what has changed waits to be published again. Raises `NotFound`, `Forbidden`."""
    testimonial = _locked(actor, testimonial_id)
    if not may_change(actor, testimonial):
        raise Forbidden
    if all(getattr(testimonial, name) == value for name, value in fields.items()):
        return testimonial
    for name, value in fields.items():
        setattr(testimonial, name, value)
    testimonial.status, testimonial.status_reason = TestimonialStatus.PENDING, ""
    testimonial.updated_at = utcnow()
    db.session.flush()
    return testimonial


def delete_testimonial(actor: Actor, testimonial_id: int) -> None:
    """Remove a testimonial. Raises `NotFound`, `Forbidden`."""
    testimonial = _locked(actor, testimonial_id)
    if not may_delete(actor, testimonial):
        raise Forbidden
    told = {"user_id": testimonial.user_id, "rating": testimonial.rating, "status": testimonial.status.value}
    db.session.delete(testimonial)
    db.session.flush()
    record("testimonials.deleted", actor_id=actor.id, thing=_thing(testimonial), before=told)


def moderate(actor: Actor, testimonial_id: int, status: TestimonialStatus, *, reason: str) -> Testimonial:
    """Publish a testimonial, or hide it; another reason replaces the first. The same twice is done once.

    Raises `NotFound`.
    """
    testimonial = _locked(actor, testimonial_id)
    before = testimonial.status
    if (before, testimonial.status_reason) == (status, reason):
        return testimonial
    testimonial.status, testimonial.status_reason = status, reason
    db.session.flush()
    was, told = {"status": before.value}, {"status": status.value, "has_reason": bool(reason)}
    record(f"testimonials.{status.value}", actor_id=actor.id, thing=_thing(testimonial), before=was, after=told)
    return testimonial


def _locked(actor: Actor, testimonial_id: int) -> Testimonial:
    """Lock a visible testimonial and return it as it is now. Raises `NotFound`."""
    get_testimonial(actor, testimonial_id)
    testimonial = locked(Testimonial, testimonial_id, queries.USER)
    if not may_see(actor, testimonial):
        raise NotFound
    return testimonial


def _thing(testimonial: Testimonial) -> Thing:
    return Thing("testimonial", testimonial.id)
