"""The selects of accounts; `visible_to` first of all."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, false, func, literal_column, or_, select, true

from app.kit.prepared import PREPARED
from app.kit.search import mentions
from app.models import Role, User
from app.security.actor import Actor

BY_EMAIL: ColumnElement[Any] = func.coalesce(User.email_key, literal_column("''"))
"""What accounts are sorted by where some have no email; written as the index has it."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which accounts are wanted; None means all. `phone` is what `q` means as a phone number, in E.164."""

    q: str | None = None
    phone: str | None = None
    role: Role | None = None
    is_active: bool | None = None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return which accounts the actor may see: admins all, staff clients and themselves, others themselves."""
    return _visible_to(actor.role, actor.id)


@cache
def client_visible_to(role: Role) -> Select[int, bool]:
    """Select (id, is blocked) of the active account `client_id`, if an actor of that role, `actor_id`, may see it; and
    lock it. It is made once: every booking asks it.
    """
    visible = _visible_to(role, bindparam("actor_id"))
    found = select(User.id, User.is_blocked).where(User.id == bindparam("client_id"), User.is_active, visible)
    return found.with_for_update(key_share=True).execution_options(**PREPARED)


def _visible_to(role: Role, actor_id: int | BindParameter[int]) -> ColumnElement[bool]:
    own = User.id == actor_id
    visible: dict[Role, ColumnElement[bool]] = {
        Role.ADMIN: true(),
        Role.STAFF: (User.role == Role.CLIENT) | own,
        Role.OWNER: own,
        Role.CLIENT: own,
    }
    return visible.get(role, false())


def listed_to(actor: Actor) -> ColumnElement[bool]:
    """Return which accounts lists show the actor: admins all, staff clients, others none."""
    listed: dict[Role, ColumnElement[bool]] = {Role.ADMIN: true(), Role.STAFF: User.role == Role.CLIENT}
    return listed.get(actor.role, false())


def users(actor: Actor, filters: Filters) -> Select[User]:
    """Select the accounts that lists show the actor and that match."""
    found = select(User).where(listed_to(actor))
    if filters.q:
        found = found.where(_mentions(filters.q, filters.phone))
    if filters.role is not None:
        found = found.where(User.role == filters.role)
    if filters.is_active is not None:
        found = found.where(User.is_active.is_(filters.is_active))
    return found


def with_email(key: str, *, but: int | None) -> Select[int]:
    """Select the ids of accounts, and of walk-ins, with the email of this key; `but` is left out."""
    return select(User.id).where(User.email_key == key, User.id.is_distinct_from(but))


def _mentions(q: str, phone: str | None) -> ColumnElement[bool]:
    found = mentions(q, User.first_name + literal_column("' '") + User.last_name, User.email, User.phone)
    return or_(found, User.phone == phone) if phone else found
