"""The selects of testimonials; `visible_to` first of all."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import joinedload

from app.models import Role, Testimonial, TestimonialStatus, User
from app.security.actor import Actor

USER = joinedload(Testimonial.user, innerjoin=True).load_only(User.first_name, User.last_name, User.erased_at)
"""Loads a testimonial together with its author, whose name it shows."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which are wanted. Without a `status`, the published ones, or all that are one's own."""

    status: TestimonialStatus | None = None
    rating: int | None = None
    mine: bool = False


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """Return which the actor sees: everybody the published, authors their own, admins all."""
    published = Testimonial.status == TestimonialStatus.PUBLISHED
    if actor is None:
        return published
    return true() if actor.role is Role.ADMIN else or_(published, Testimonial.user_id == actor.id)


def whole() -> Select[Testimonial]:
    """Select testimonials with their authors."""
    return select(Testimonial).options(USER)


def testimonials(actor: Actor | None, filters: Filters) -> Select[Testimonial]:
    """Select those that the actor sees and that match."""
    found = whole().where(visible_to(actor))
    if filters.mine:
        found = found.where(Testimonial.user_id == actor.id if actor is not None else false())
    if filters.status is not None or not filters.mine:
        found = found.where(Testimonial.status == (filters.status or TestimonialStatus.PUBLISHED))
    if filters.rating is not None:
        found = found.where(Testimonial.rating == filters.rating)
    return found


def of_user(user_id: int) -> Select[Testimonial]:
    """Select all that somebody wrote, the first one first."""
    return whole().where(Testimonial.user_id == user_id).order_by(Testimonial.created_at, Testimonial.id)


def numbers_of(user_id: int) -> Select[int]:
    """Select which of the few that one may have somebody has."""
    return select(Testimonial.number).where(Testimonial.user_id == user_id)
