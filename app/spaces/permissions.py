"""Who may do what with spaces. Pure."""

from app.models import Role, Space, User
from app.security.actor import Actor

LANDLORDS = {Role.OWNER, Role.ADMIN}
"""Whose spaces may be."""


def may_keep(actor: Actor, space: Space) -> bool:
    """Say whether the actor may change the space, its hours, closures and images: its owner, and admins."""
    return actor.role is Role.ADMIN or (actor.role is Role.OWNER and space.owner_id == actor.id)


def may_let(user: User) -> bool:
    """Say whether spaces of the account may be let: while it is active, and that of an owner or admin."""
    return user.is_active and user.role in LANDLORDS


def may_name_owner(actor: Actor) -> bool:
    """Say whether the actor may say whose a space is: admins. What others add is their own."""
    return actor.role is Role.ADMIN
