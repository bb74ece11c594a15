"""The selects of accounts."""

from sqlalchemy import ColumnElement, false, true

from app.models import Role, User
from app.security.actor import Actor


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return which accounts the actor may see: admins all, staff clients and themselves, others themselves."""
    own = User.id == actor.id
    visible: dict[Role, ColumnElement[bool]] = {
        Role.ADMIN: true(),
        Role.STAFF: (User.role == Role.CLIENT) | own,
        Role.OWNER: own,
        Role.CLIENT: own,
    }
    return visible.get(actor.role, false())
