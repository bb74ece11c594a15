"""The verbs of staff."""

from typing import Any

from sqlalchemy import Select

from app.diary.allocations import lock_resources
from app.extensions import business, db
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.versions import Seen, require_version
from app.models import Role, Staff, User
from app.security.actor import Actor
from app.staff import queries
from app.staff.errors import UserAlreadyStaff
from app.staff.events import staff_leaving
from app.staff.permissions import may_keep_diary
from app.staff.queries import Filters
from app.transactions import refusing

LOGIN_ROLES = {Role.STAFF, Role.ADMIN}
"""The roles of accounts that may belong to a staff member."""


def list_staff(actor: Actor | None, filters: Filters) -> Select[Staff]:
    """Return the select of the staff that the actor sees and that match."""
    return queries.staff(actor, filters)


def active_staff() -> list[Staff]:
    """Return everybody active, by id."""
    return list(db.session.scalars(queries.all_active()))


def see_staff(actor: Actor | None, staff_id: int) -> Staff:
    """Return a staff member as far as the actor sees it. Raises `NotFound`."""
    staff = db.session.scalars(queries.profile(actor, staff_id)).one_or_none()
    if staff is None:
        raise NotFound
    return staff


def get_staff(staff_id: int, *, field: str | None = None) -> Staff:
    """Return a staff member as it is now, even inactive. Raises `NotFound`, naming the `field` of a body if given."""
    staff = db.session.get(Staff, staff_id, populate_existing=True)
    if staff is None:
        raise NotFound.naming(field) if field else NotFound()
    return staff


def staff_with_diary_of(actor: Actor, staff_id: int) -> Staff:
    """Return a staff member whose diary the actor may keep. Raises `NotFound`, `Forbidden`."""
    staff = get_staff(staff_id)
    if not may_keep_diary(actor, staff):
        raise Forbidden
    return staff


def create_staff(fields: dict[str, Any]) -> Staff:
    """Add a staff member, by default in the business's zone. Raises `UserAlreadyStaff`, `NotFound`, `Invalid`."""
    _check_account(fields.get("user_id"))
    staff = Staff(**({"timezone": business.timezone} | fields))
    _write(staff)
    return staff


def change_staff(actor: Actor, staff_id: int, fields: dict[str, Any], *, seen: Seen = None) -> Staff:
    """Change the fields given; `active: false` is deactivation with all its conditions."""
    staff = _lock(staff_id, seen=seen)
    if staff.active and fields.get("active") is False:
        staff_leaving.send(staff, reassign_to=None, actor=actor)
    _check_account(fields.get("user_id"))
    for name, value in fields.items():
        setattr(staff, name, value)
    _write(staff)
    return staff


def deactivate_staff(actor: Actor, staff_id: int, *, reassign_to: int | None, seen: Seen = None) -> None:
    """Let nobody book this staff member again; bookings ahead go to `reassign_to`, or stand in the way (409)."""
    staff = _lock(staff_id, reassign_to, seen=seen)
    if reassign_to == staff_id:
        raise Invalid.field("reassign_to", "Must be somebody else.")
    if reassign_to is not None:
        get_staff(reassign_to, field="reassign_to")
    staff_leaving.send(staff, reassign_to=reassign_to, actor=actor)
    staff.active = False
    db.session.flush()


def _lock(staff_id: int, also: int | None = None, *, seen: Seen) -> Staff:
    """Lock a staff member, and another one, in the order in which everybody does; return the first as it is now."""
    lock_resources([staff_id] if also is None else [staff_id, also])
    staff = get_staff(staff_id)
    require_version(staff.version, seen)
    return staff


def _check_account(user_id: int | None) -> None:
    if user_id is None:
        return
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound.naming("user_id")
    if user.role not in LOGIN_ROLES:
        raise Invalid.field("user_id", "Must be an account with the role staff or admin.")


def _write(staff: Staff) -> None:
    with refusing("unique", UserAlreadyStaff):
        db.session.add(staff)
