"""How staff answer to what happens to the accounts that they sign in with."""

from typing import Any

from sqlalchemy import select, update

from app.diary.allocations import lock_resources
from app.extensions import BULK, db
from app.models import Closure, Staff, User
from app.staff.profiles import CONTACT, PUBLIC
from app.staff.schemas import StaffOut
from app.users.events import erasing, exporting


def connect() -> None:
    """Listen; called once by `create_app`."""
    erasing.connect(_on_erasing)
    exporting.connect(_on_exporting)


def _on_erasing(user: User) -> None:
    """Take the account's contact from its staff member, and why it was away. The profile stays the business's."""
    lock_resources(select(Staff.id).where(Staff.user_id == user.id))
    staff = _staff_of(user)
    if staff is None:
        return
    staff.user_id = staff.email = staff.phone = None
    absences = update(Closure).where(Closure.resource_id == staff.id).values(reason="")
    db.session.execute(absences, execution_options=BULK)
    db.session.flush()


def _on_exporting(user: User) -> dict[str, Any]:
    staff = _staff_of(user)
    shown = None if staff is None else {name: getattr(staff, name) for name in PUBLIC + CONTACT}
    return {"staff": None if shown is None else StaffOut().dump(shown)}


def _staff_of(user: User) -> Staff | None:
    return db.session.scalars(select(Staff).where(Staff.user_id == user.id)).one_or_none()
