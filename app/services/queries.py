"""The selects of the catalogue; `visible_to` first of all."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from app.kit.prepared import PREPARED
from app.kit.search import mentions
from app.models import Assignment, Category, Role, Service
from app.security.actor import Actor

Rows = Select[*tuple[Any, ...]]

SERVICES, CATEGORIES = Service.__table__, Category.__table__

MOST_SEARCHES: Final = 64
"""How many selects of what somebody wants to see are kept."""

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


def services(actor: Actor | None, filters: Filters) -> Rows:
    """Select what is shown of the services that the actor sees and that match; by default those on offer.

    To staff and admins lists show the retired too.
    """
    return _matching(sees_retired(actor), filters)


@lru_cache(MOST_SEARCHES)
def _matching(retired: bool, filters: Filters) -> Rows:
    columns = SERVICES.c
    found = shown().where(columns.active.is_(filters.active is not False))
    if filters == Filters():  # one plan serves all who ask so; what is looked for differs
        found = found.execution_options(**PREPARED)
    if not retired:
        found = found.where(columns.active.is_(True))
    if filters.q:
        found = found.where(mentions(filters.q, columns.name, columns.description))
    if filters.category is not None:
        found = found.where(CATEGORIES.c.name == filters.category)
    if filters.price_min is not None:
        found = found.where(columns.price_amount >= filters.price_min)
    if filters.price_max is not None:
        found = found.where(columns.price_amount <= filters.price_max)
    if filters.staff_id is not None:
        performed = select(Assignment.service_id).where(Assignment.staff_id == filters.staff_id)
        found = found.where(columns.id.in_(performed))
    return found


def shown() -> Rows:
    """Select what is shown of services: their columns, and `category_name`."""
    unseen = {"category_id", "updated_at", "rating_score"}
    columns = [column for column in SERVICES.c if column.name not in unseen]
    return select(*columns, CATEGORIES.c.name.label("category_name")).join_from(SERVICES, CATEGORIES)


SHOWN_SERVICE: Final = shown().where(SERVICES.c.id == bindparam("service_id")).execution_options(**PREPARED)
"""Selects the one service `service_id`."""


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
