"""Accounts as they are shown: whoever looks others up sees more than their owners."""

from typing import Any

from app.models import Role, User
from app.security.actor import Account, Actor

OWN = (
    "id", "email", "first_name", "last_name", "name", "phone", "country", "timezone", "locale", "bio", "avatar_key",
    "role", "is_active", "email_verified", "created_at",
)  # fmt: skip
KEPT_BY_STAFF = ("is_blocked", "has_login")


def profile(actor: Actor, user: User | Account) -> dict[str, Any]:
    """Return what the actor sees of an account that it may see."""
    works_here = actor.role in {Role.STAFF, Role.ADMIN}
    return {name: getattr(user, name) for name in (OWN + KEPT_BY_STAFF if works_here else OWN)}
