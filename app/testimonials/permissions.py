"""Who may do what with a testimonial (product.md §8). Pure."""

from app.models import Role, Testimonial, TestimonialStatus
from app.security.actor import Actor


def may_see(actor: Actor | None, testimonial: Testimonial) -> bool:
    """Say whether the actor sees it: everybody the published, its author and admins the others."""
    return testimonial.status is TestimonialStatus.PUBLISHED or sees_all_of(actor, testimonial)


def sees_all_of(actor: Actor | None, testimonial: Testimonial) -> bool:
    """Say whether the actor is told what a moderator said: its author, and admins."""
    return actor is not None and _is_author_or_admin(actor, testimonial)


def may_change(actor: Actor, testimonial: Testimonial) -> bool:
    """Say whether the actor may change its words: its author alone."""
    return actor.id == testimonial.user_id


def may_delete(actor: Actor, testimonial: Testimonial) -> bool:
    """Say whether the actor may delete it: its author, and admins."""
    return _is_author_or_admin(actor, testimonial)


def _is_author_or_admin(actor: Actor, testimonial: Testimonial) -> bool:
    return actor.role is Role.ADMIN or actor.id == testimonial.user_id
