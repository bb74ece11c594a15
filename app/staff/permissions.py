"""Who may do what with staff. Pure."""

from app.models import Role, Staff
from app.security.actor import Actor


def may_keep_diary(actor: Actor, staff: Staff) -> bool:
    """Say whether the actor may see and change hours and time off: admins all, staff their own."""
    return actor.role is Role.ADMIN or (actor.role is Role.STAFF and staff.user_id == actor.id)


def sees_contact(actor: Actor | None) -> bool:
    """Say whether the actor is shown what is not public: email, phone, account, activity."""
    return actor is not None and actor.role is Role.ADMIN
