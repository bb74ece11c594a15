"""Who may do what with spaces. Pure."""

from app.models import Role, Space
from app.security.actor import Actor


def may_keep(actor: Actor, space: Space) -> bool:
    """Say whether the actor may change the space, its hours, closures and images: its owner, and admins."""
    return actor.role is Role.ADMIN or (actor.role is Role.OWNER and space.owner_id == actor.id)


def may_name_owner(actor: Actor) -> bool:
    """Say whether the actor may say whose a space is: admins. What others add is their own."""
    return actor.role is Role.ADMIN
