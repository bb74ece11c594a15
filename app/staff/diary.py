"""A staff member's own hours and time off, kept by itself or by an admin."""

from datetime import date
from typing import Any

from sqlalchemy import Select

from app.diary import hours
from app.diary.closures import Absence, Clash, add_closure, list_closures, remove_closure
from app.diary.hours import DatedHours
from app.models import Closure, OpeningRule
from app.security.actor import Actor
from app.staff.service import see_staff, staff_with_diary_of


def weekly_hours(actor: Actor | None, staff_id: int) -> list[OpeningRule]:
    """Return the weekly hours of a staff member whom the actor sees. Raises `NotFound`."""
    return hours.weekly_rules(see_staff(actor, staff_id).id)


def set_weekly_hours(actor: Actor, staff_id: int, entries: list[dict[str, Any]]) -> list[OpeningRule]:
    """Replace all weekly hours; bookings stay where they are. Raises `NotFound`, `Forbidden`, `Invalid`."""
    staff = staff_with_diary_of(actor, staff_id)
    return hours.replace_weekly_rules(staff.id, [OpeningRule(**entry) for entry in entries])


def hours_on(actor: Actor | None, staff_id: int, day: date) -> DatedHours:
    """Return the hours that apply on a date to a staff member whom the actor sees. Raises `NotFound`."""
    return hours.hours_on(see_staff(actor, staff_id).id, day)


def set_hours_on(actor: Actor, staff_id: int, day: date, entries: list[dict[str, int]]) -> DatedHours:
    """Give a date hours of its own. Raises `NotFound`, `Forbidden`, `Invalid`."""
    staff = staff_with_diary_of(actor, staff_id)
    return hours.replace_hours_on(staff.id, day, [(entry["opens"], entry["closes"]) for entry in entries])


def clear_hours_on(actor: Actor, staff_id: int, day: date) -> None:
    """Let a date follow its weekday again. Raises `NotFound`, `Forbidden`."""
    hours.restore_weekday(staff_with_diary_of(actor, staff_id).id, day)


def list_time_off(actor: Actor, staff_id: int, first: date | None, last: date | None) -> Select[Closure]:
    """Return the select of a staff member's time off on some days of its zone. Raises `NotFound`, `Forbidden`."""
    return list_closures(staff_with_diary_of(actor, staff_id), first, last)


def add_time_off(actor: Actor, staff_id: int, fields: dict[str, Any]) -> tuple[Closure, list[Clash]]:
    """Take time off; return it with the bookings that stay in it. Raises `BookingsInTheWay` unless forced."""
    staff = staff_with_diary_of(actor, staff_id)
    force = fields.pop("force")
    return add_closure(resource_id=staff.id, absence=Absence(**fields), force=force, actor_id=actor.id)


def remove_time_off(actor: Actor, staff_id: int, closure_id: int) -> None:
    """Give time off back. Raises `NotFound`, `Forbidden`."""
    remove_closure(staff_with_diary_of(actor, staff_id).id, closure_id)
