"""The selects of spaces; what is retired is in none but those that name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import eq, ge, le

from sqlalchemy import ColumnElement, Select, or_, select, true

from app.models import Role, Space, SpaceStatus
from app.models.resource import city_key
from app.security.actor import Actor
from app.spaces import matching
from app.spaces.matching import Circle


@dataclass(frozen=True, slots=True)
class Filters:
    """What is wanted of a space; None means all. Prices are those of an hour, in minor units."""

    words: Sequence[str] = ()
    city: str | None = None
    country: str | None = None
    status: SpaceStatus | None = None
    capacity_min: int | None = None
    price_min: int | None = None
    price_max: int | None = None
    amenities: Sequence[str] = ()
    owner_id: int | None = None
    circle: Circle | None = None


def listed_to(actor: Actor | None, status: SpaceStatus | None) -> ColumnElement[bool]:
    """Return which spaces a list shows: of the status asked for; else those let, and to who keeps them the others."""
    if status is not None:
        return Space.active.is_(status is SpaceStatus.AVAILABLE)
    if actor is not None and actor.role is Role.ADMIN:
        return true()
    if actor is not None and actor.role is Role.OWNER:
        return or_(Space.active.is_(True), Space.owner_id == actor.id)
    return Space.active.is_(True)


def spaces(actor: Actor | None, filters: Filters) -> Select[Space]:
    """Select the spaces that a list shows the actor and that match."""
    listed = select(Space).where(Space.retired_at.is_(None), listed_to(actor, filters.status))
    return listed.where(*_plain(filters), *_computed(filters))


def _plain(filters: Filters) -> list[ColumnElement[bool]]:
    wanted = (
        (Space.city_key, eq, None if filters.city is None else city_key(filters.city)),
        (Space.country, eq, filters.country),
        (Space.capacity, ge, filters.capacity_min),
        (Space.price_per_hour_amount, ge, filters.price_min),
        (Space.price_per_hour_amount, le, filters.price_max),
        (Space.owner_id, eq, filters.owner_id),
    )
    return [compared(column, value) for column, compared, value in wanted if value is not None]


def _computed(filters: Filters) -> list[ColumnElement[bool]]:
    found = []
    if filters.words:
        found.append(matching.has_words(filters.words))
    if filters.amenities:
        found.append(matching.has_amenities(filters.amenities))
    if filters.circle is not None:
        found.append(matching.is_within(filters.circle))
    return found
