"""Staff as they are shown: to everybody a public profile, to admins more."""

from collections.abc import Sequence
from typing import Any

from app.models import Staff
from app.security.actor import Actor
from app.staff.permissions import sees_contact

PUBLIC = ("id", "name", "bio", "avatar_key")
CONTACT = ("email", "phone", "user_id", "timezone", "active", "version", "created_at")


def profiles(actor: Actor | None, staff: Sequence[Staff], performed: dict[int, list[Any]]) -> list[dict[str, Any]]:
    """Return what the actor may see of each; `performed` are the services by staff id."""
    shown = PUBLIC + CONTACT if sees_contact(actor) else PUBLIC
    return [
        {name: getattr(one, name) for name in shown} | {"services": performed[one.id], "rating": one.rating}
        for one in staff
    ]
