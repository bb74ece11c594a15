"""The selects of the voice room."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.models import Assignment, OpeningRule, Resource, Service, VoiceAlias, VoiceSession


def services() -> Select[*tuple[Any, ...]]:
    """Select (id, name, zone, other zone) of active services: the first and the last of their performers' zones."""
    performers = select(Assignment.service_id, Resource.timezone).join(Resource, Resource.id == Assignment.staff_id)
    active = performers.where(Resource.active).subquery()
    return (
        select(Service.id, Service.name, func.min(active.c.timezone), func.max(active.c.timezone))
        .outerjoin(active, active.c.service_id == Service.id)
        .where(Service.active)
        .group_by(Service.id, Service.name)
        .order_by(Service.id)
    )


def resources() -> Select[*tuple[Any, ...]]:
    """Select (id, kind, name, zone) of active staff and spaces."""
    found = select(Resource.id, Resource.kind, Resource.name, Resource.timezone).where(Resource.active)
    return found.order_by(Resource.id)


def performers(service_id: int, staff_ids: Collection[int]) -> Select[int]:
    """Select those of some staff who perform a service."""
    return select(Assignment.staff_id).where(Assignment.service_id == service_id, Assignment.staff_id.in_(staff_ids))


def names() -> Select[*tuple[Any, ...]]:
    """Select (kind, service id, resource id, text) of all other names."""
    alias = VoiceAlias
    return select(alias.kind, alias.service_id, alias.resource_id, alias.text).order_by(alias.id)


def opening_hours(resource_id: int | None = None) -> Select[*tuple[Any, ...]]:
    """Select the different (weekday, opens, closes) of whatever is active, or of one staff member or space."""
    rule = OpeningRule
    found = select(rule.weekday, rule.opens, rule.closes).join(Resource, Resource.id == rule.resource_id)
    if resource_id is not None:
        found = found.where(rule.resource_id == resource_id)
    return found.where(Resource.active).distinct().order_by(rule.weekday, rule.opens, rule.closes)


def aliases() -> Select[VoiceAlias]:
    """Select the other names."""
    return select(VoiceAlias)


def living_session(now: datetime) -> Select[VoiceSession]:
    """Select conversations that go on, as they are now, locked."""
    living = select(VoiceSession).where(VoiceSession.expires_at > now).with_for_update()
    return living.execution_options(populate_existing=True)


def sessions_of(user_id: int) -> Select[VoiceSession]:
    """Select somebody's conversations."""
    return select(VoiceSession).where(VoiceSession.user_id == user_id).order_by(VoiceSession.id)
