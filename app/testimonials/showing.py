"""Testimonials as they are shown."""

from typing import Any

from app.models import Testimonial
from app.security.actor import Actor
from app.testimonials.permissions import sees_all_of

PUBLIC = ("id", "user_id", "content", "rating", "status", "created_at")
OWN = ("status_reason",)


def shown(actor: Actor | None, testimonial: Testimonial) -> dict[str, Any]:
    """Return what the actor may see of one."""
    names = PUBLIC + OWN if sees_all_of(actor, testimonial) else PUBLIC
    return {name: getattr(testimonial, name) for name in names} | {"author_name": testimonial.user.public_name}
