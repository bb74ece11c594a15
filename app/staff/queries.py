"""The selects of staff; `visible_to` first of all."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import undefer

from app.kit.search import mentions
from app.models import Assignment, Role, Staff
from app.security.actor import Actor

AVATAR = undefer(Staff.avatar_key)
"""Loads a staff member's picture in the same statement."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which staff are wanted; None means all."""

    q: str | None = None
    service_id: int | None = None
    active: bool | None = None


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """Return which staff the actor sees: active ones; staff and admins all."""
    sees_all = actor is not None and actor.role in {Role.STAFF, Role.ADMIN}
    return true() if sees_all else Staff.active.is_(True)


def staff(actor: Actor | None, filters: Filters) -> Select[Staff]:
    """Select the staff that the actor sees and that match; without a wish as to `active`, the active ones."""
    active = True if filters.active is None else filters.active
    found = select(Staff).options(AVATAR).where(visible_to(actor), Staff.active.is_(active))
    if filters.q:
        found = found.where(mentions(filters.q, Staff.name, Staff.bio))
    if filters.service_id is not None:
        assigned = select(Assignment.staff_id).where(Assignment.service_id == filters.service_id)
        found = found.where(Staff.id.in_(assigned))
    return found


def profile(actor: Actor | None, staff_id: int) -> Select[Staff]:
    """Select one staff member, if the actor sees it."""
    return select(Staff).options(AVATAR).where(Staff.id == staff_id, visible_to(actor))


def all_active() -> Select[Staff]:
    """Select everybody active, by id."""
    return select(Staff).where(Staff.active.is_(True)).order_by(Staff.id)
