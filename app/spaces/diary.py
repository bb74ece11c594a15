"""A space's hours and closures, kept by its owner or an admin."""

from datetime import date
from typing import Any

from sqlalchemy import Select

from app.diary import hours
from app.diary.closures import Absence, Clash, add_closure, list_closures, remove_closure
from app.models import Closure, OpeningRule
from app.security.actor import Actor
from app.spaces.service import get_space, space_kept_by


def weekly_hours(space_id: int) -> list[OpeningRule]:
    """Return the weekly hours. Raises `NotFound`."""
    return hours.weekly_rules(get_space(space_id).id)


def set_weekly_hours(actor: Actor, space_id: int, entries: list[dict[str, Any]]) -> list[OpeningRule]:
    """Replace all weekly hours; bookings stay where they are. Raises `NotFound`, `Forbidden`, `Invalid`."""
    space = space_kept_by(actor, space_id)
    return hours.replace_weekly_rules(space.id, [OpeningRule(**entry) for entry in entries])


def closures(actor: Actor, space_id: int, first: date | None, last: date | None) -> Select[Closure]:
    """Return the select of the closures on some days of the space's zone. Raises `NotFound`, `Forbidden`."""
    return list_closures(space_kept_by(actor, space_id), first, last)


def close(actor: Actor, space_id: int, fields: dict[str, Any]) -> tuple[Closure, list[Clash]]:
    """Close the space; return that with the bookings that stay in it. Raises `BookingsInTheWay` unless forced."""
    space = space_kept_by(actor, space_id)
    force = fields.pop("force")
    return add_closure(resource_id=space.id, absence=Absence(**fields), force=force, actor_id=actor.id)


def reopen(actor: Actor, space_id: int, closure_id: int) -> None:
    """Take a closure back. Raises `NotFound`, `Forbidden`."""
    remove_closure(space_kept_by(actor, space_id).id, closure_id)
