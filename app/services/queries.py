"""The selects of the catalogue; `visible_to` first of all."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import joinedload

from app.kit.search import mentions
from app.models import Assignment, Category, Role, Service
from app.security.actor import Actor

CATEGORY = joinedload(Service.category, innerjoin=True)
"""Loads a service together with its category."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What is wanted of the catalogue; None means all, prices are minor units."""

    q: str | None = None
    category: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    active: bool | None = None
    staff_id: int | None = None


def sees_retired(actor: Actor | None) -> bool:
    """Say whether the actor is shown in lists what is no longer offered."""
    return actor is not None and actor.role in {Role.STAFF, Role.ADMIN}


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """Return which services lists show the actor: those on offer; to staff and admins the retired too."""
    return true() if sees_retired(actor) else Service.active.is_(True)


def services(actor: Actor | None, filters: Filters) -> Select[Service]:
    """Select the services that the actor sees and that match; without a wish as to `active`, those on offer."""
    active = True if filters.active is None else filters.active
    found = with_category().where(visible_to(actor), Service.active.is_(active))
    if filters.q:
        found = found.where(mentions(filters.q, Service.name, Service.description))
    if filters.category is not None:
        found = found.where(Service.category_id.in_(select(Category.id).where(Category.name == filters.category)))
    if filters.price_min is not None:
        found = found.where(Service.price_amount >= filters.price_min)
    if filters.price_max is not None:
        found = found.where(Service.price_amount <= filters.price_max)
    if filters.staff_id is not None:
        performed = select(Assignment.service_id).where(Assignment.staff_id == filters.staff_id)
        found = found.where(Service.id.in_(performed))
    return found


def with_category() -> Select[Service]:
    """Select services with their category."""
    return select(Service).options(CATEGORY)


def categories() -> Select[Category]:
    """Select the headings."""
    return select(Category)


def category_kept(name: str) -> Select[Category]:
    """Select the category of a name, locked as a reference to it would: nobody removes it meanwhile."""
    return select(Category).where(Category.name == name).with_for_update(read=True, key_share=True)


def performed_by(staff_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """Select (staff id, active service) of what staff perform, by name."""
    return (
        select(Assignment.staff_id, Service)
        .join(Service, Service.id == Assignment.service_id)
        .where(Assignment.staff_id.in_(staff_ids), Service.active.is_(True))
        .order_by(Service.name, Service.id)
    )


def assignments(staff_id: int | None, service_id: int | None) -> Select[Assignment]:
    """Select who performs what."""
    found: Select[*tuple[Any, ...]] = select(Assignment)
    if staff_id is not None:
        found = found.where(Assignment.staff_id == staff_id)
    if service_id is not None:
        found = found.where(Assignment.service_id == service_id)
    return found
