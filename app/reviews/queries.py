"""The selects of reviews; `visible_to` first of all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, func, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from app.kit.rating import STARS
from app.models import (
    Resource,
    ResourceKind,
    Review,
    ReviewStatus,
    ReviewSubject,
    Role,
    Service,
    Space,
    Staff,
    User,
)
from app.security.actor import Actor

NAMES = (User.first_name, User.last_name, User.erased_at)
WHOLE = (
    joinedload(Review.author, innerjoin=True).load_only(*NAMES),
    joinedload(Review.replier).load_only(*NAMES),
)
"""Loads a review together with the people whose names it shows."""

STAFF, SPACES = Staff.__table__, Space.__table__
"""The tables alone, without what staff and spaces are as resources."""

Sorts = Mapping[str, InstrumentedAttribute[Any]]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which reviews are wanted; None means all. Without a `status`, the published ones, or all that are one's own."""

    service_id: int | None = None
    staff_id: int | None = None
    space_id: int | None = None
    rating: int | None = None
    status: ReviewStatus | None = None
    mine: bool = False

    @property
    def about(self) -> list[ColumnElement[bool]]:
        """The conditions that a subject of the review must meet, one for each thing that is named."""
        named = (
            (ReviewSubject.service_id, self.service_id),
            (ReviewSubject.resource_id, _if_there(STAFF, self.staff_id)),
            (ReviewSubject.resource_id, _if_there(SPACES, self.space_id)),
        )
        return [column == wanted for column, wanted in named if wanted is not None]


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """Return which reviews the actor sees: everybody the published, authors their own, admins all."""
    published = Review.status == ReviewStatus.PUBLISHED
    if actor is None:
        return published
    return true() if actor.role is Role.ADMIN else or_(published, Review.author_id == actor.id)


def whole() -> Select[Review]:
    """Select reviews with the people whose names they show."""
    return select(Review).options(*WHOLE)


def reviews(actor: Actor | None, filters: Filters) -> Select[Review]:
    """Select the reviews that the actor sees and that match, joined with their first subject that is asked for."""
    found = whole().where(visible_to(actor), *_of_author(actor, filters))
    if filters.rating is not None:
        found = found.where(Review.rating == filters.rating)
    for number, is_about in enumerate(filters.about):
        if number == 0:
            found = found.join(ReviewSubject, ReviewSubject.review_id == Review.id).where(is_about)
        else:
            found = found.where(_about(is_about))
    return found


def sorts(filters: Filters) -> tuple[Sorts, InstrumentedAttribute[int]]:
    """Return the columns that the list is sorted by, and its id: those of the index that finds the reviews."""
    if filters.about:
        return {"created_at": ReviewSubject.created_at, "rating": ReviewSubject.rating}, ReviewSubject.review_id
    return {"created_at": Review.created_at, "rating": Review.rating}, Review.id


def kept_counts(filters: Filters) -> Select[*tuple[Any, ...]] | None:
    """Select the counts that the one thing asked about carries; None where there is no one thing."""
    if len(filters.about) != 1:
        return None
    if filters.service_id is not None:
        return select(*(_count_of(Service, stars) for stars in STARS)).where(Service.id == filters.service_id)
    kind = ResourceKind.STAFF if filters.staff_id is not None else ResourceKind.SPACE
    resource_id = filters.staff_id or filters.space_id
    counts = select(*(_count_of(Resource, stars) for stars in STARS))
    return counts.where(Resource.id == resource_id, Resource.kind == kind)


def counts(filters: Filters) -> Select[*tuple[Any, ...]]:
    """Select (stars, how many published reviews give them), counted anew, of what is about all that is named."""
    found = select(Review.rating, func.count()).where(Review.status == ReviewStatus.PUBLISHED)
    return found.where(*(_about(one) for one in filters.about)).group_by(Review.rating)


def subjects(review_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """Select (review id, kind of resource or None for a service, id, name) of what reviews are about."""
    thing = func.coalesce(ReviewSubject.service_id, ReviewSubject.resource_id)
    return (
        select(ReviewSubject.review_id, Resource.kind, thing, func.coalesce(Service.name, Resource.name))
        .outerjoin(Service, Service.id == ReviewSubject.service_id)
        .outerjoin(Resource, Resource.id == ReviewSubject.resource_id)
        .where(ReviewSubject.review_id.in_(review_ids))
        .order_by(ReviewSubject.id)
    )


def kept_by(user_id: int, resource_ids: Collection[int]) -> CompoundSelect[int]:
    """Select the ids of those of some resources that are somebody as a staff member, or that somebody owns."""
    return union_all(
        select(STAFF.c.id).where(STAFF.c.id.in_(resource_ids), STAFF.c.user_id == user_id),
        select(SPACES.c.id).where(SPACES.c.id.in_(resource_ids), SPACES.c.owner_id == user_id),
    )


def of_author(user_id: int) -> Select[Review]:
    """Select all that somebody wrote, the newest first."""
    return whole().where(Review.author_id == user_id).order_by(Review.created_at.desc(), Review.id.desc())


def _of_author(actor: Actor | None, filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.mine:
        conditions.append(Review.author_id == actor.id if actor is not None else false())
    if filters.status is not None or not filters.mine:
        conditions.append(Review.status == (filters.status or ReviewStatus.PUBLISHED))
    return conditions


def _about(is_about: ColumnElement[bool]) -> ColumnElement[bool]:
    return Review.id.in_(select(ReviewSubject.review_id).where(is_about))


def _if_there(table: Any, resource_id: int | None) -> Any:
    """Return the id of a resource, looked up once so that a space is not found as a staff member."""
    return None if resource_id is None else select(table.c.id).where(table.c.id == resource_id).scalar_subquery()


def _count_of(rated: type[Service] | type[Resource], stars: int) -> InstrumentedAttribute[int]:
    column: InstrumentedAttribute[int] = getattr(rated, f"rating_{stars}")
    return column
