"""`/api/staff`: who does it, and when they work."""

from datetime import date
from typing import Any

from app.diary.errors import BookingsInTheWay, OutsideOpeningHours, ResourceInactive, SlotTaken
from app.diary.schemas import (
    ClosureIn,
    ClosureOut,
    ClosuresQuery,
    DayHoursIn,
    DayHoursOut,
    NewClosureOut,
    WeeklyHours,
)
from app.images.albums import Album, serve_album
from app.images.subjects import Kind
from app.kit.errors import NotFound
from app.models import Closure, Role, Staff
from app.security.errors import BAD_TOKEN
from app.security.guards import current_actor, optional_actor, public, roles
from app.services.service import get_service, performed_by
from app.staff import diary, service
from app.staff.errors import FutureBookings, StaffNotAssigned, UserAlreadyStaff
from app.staff.profiles import profiles
from app.staff.queries import Filters
from app.staff.schemas import LeaveQuery, StaffChangesIn, StaffIn, StaffOut, StaffQuery
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.caching import cacheable
from app.web.pagination import paginate
from app.web.preconditions import seen_version, versioned
from app.web.schemas import list_of

blueprint = Blueprint("staff", __name__, url_prefix="/api/staff")
performers = Blueprint("performers", __name__, url_prefix="/api/services")
"""Who performs a service: under the path of services, which know nothing of staff."""

SORTS = {"name": Staff.name, "created_at": Staff.created_at}
KEEPERS = (Role.STAFF, Role.ADMIN)


def _page_of_profiles(filters: Filters, query: dict[str, Any]) -> dict[str, Any]:
    actor = optional_actor()
    page = paginate(service.list_staff(actor, filters), SORTS, query)
    performed = performed_by([staff.id for staff in page["items"]])
    return page | {"items": profiles(actor, page["items"], performed)}


def _profile(staff: Staff) -> dict[str, Any]:
    (profile,) = profiles(optional_actor(), [staff], performed_by([staff.id]))
    return profile


@blueprint.get("")
@public
@cacheable
@blueprint.arguments(StaffQuery, location="query")
@blueprint.response(200, list_of(StaffOut))
@blueprint.refuses(*BAD_TOKEN)
def list_all(query: dict[str, Any]) -> Any:
    """List the staff by their public profiles; admins see contacts, staff and admins inactive ones too."""
    return _page_of_profiles(Filters(query["q"], query["service_id"], query["active"]), query)


@performers.get("/<id:service_id>/staff")
@public
@performers.arguments(StaffQuery, location="query")
@performers.response(200, list_of(StaffOut))
@performers.refuses(*BAD_TOKEN)
def list_performers(query: dict[str, Any], service_id: int) -> Any:
    """List the staff who perform a service."""
    get_service(service_id)
    return _page_of_profiles(Filters(query["q"], service_id, query["active"]), query)


@blueprint.post("")
@roles(Role.ADMIN)
@blueprint.arguments(StaffIn)
@transactional
@blueprint.response(201, StaffOut)
@blueprint.refuses(NotFound, UserAlreadyStaff)
def create(fields: dict[str, Any]) -> Any:
    """Add a staff member; nothing is offered before hours are set."""
    staff = service.create_staff(fields)
    return created(_profile(staff), f"/api/staff/{staff.id}")


@blueprint.get("/<id:staff_id>")
@public
@cacheable
@blueprint.response(200, StaffOut)
@blueprint.refuses(*BAD_TOKEN)
def read(staff_id: int) -> Any:
    """Read one profile; staff and admins, inactive ones too."""
    return _profile(service.see_staff(optional_actor(), staff_id))


@blueprint.patch("/<id:staff_id>")
@roles(Role.ADMIN)
@versioned
@blueprint.arguments(StaffChangesIn)
@transactional
@blueprint.response(200, StaffOut)
@blueprint.refuses(FutureBookings, UserAlreadyStaff)
def change(fields: dict[str, Any], staff_id: int) -> Any:
    """Change a staff member; `active: false` deactivates, which bookings ahead stand against."""
    return _profile(service.change_staff(current_actor(), staff_id, fields, seen=seen_version()))


@blueprint.delete("/<id:staff_id>")
@roles(Role.ADMIN)
@versioned
@blueprint.arguments(LeaveQuery, location="query")
@transactional
@blueprint.response(204)
@blueprint.refuses(FutureBookings, ResourceInactive, StaffNotAssigned, OutsideOpeningHours, SlotTaken)
def deactivate(query: dict[str, Any], staff_id: int) -> None:
    """Deactivate a staff member. Bookings ahead go to `reassign_to`, or answer 409 `future_bookings`.

    All of them or none, at the time and price agreed: the colleague must be active and perform the services, and have
    opening hours and nothing else at those times.
    """
    service.deactivate_staff(current_actor(), staff_id, **query, seen=seen_version())


@blueprint.get("/<id:staff_id>/hours")
@public
@blueprint.response(200, WeeklyHours)
@blueprint.refuses(*BAD_TOKEN)
def read_hours(staff_id: int) -> Any:
    """Read the weekly hours."""
    return {"hours": diary.weekly_hours(optional_actor(), staff_id)}


@blueprint.put("/<id:staff_id>/hours")
@roles(*KEEPERS)
@blueprint.arguments(WeeklyHours)
@transactional
@blueprint.response(200, WeeklyHours)
def replace_hours(fields: dict[str, Any], staff_id: int) -> Any:
    """Replace the weekly hours; bookings stay where they are."""
    return {"hours": diary.set_weekly_hours(current_actor(), staff_id, fields["hours"])}


@blueprint.get("/<id:staff_id>/hours/<date:day>")
@public
@blueprint.response(200, DayHoursOut)
@blueprint.refuses(*BAD_TOKEN)
def read_hours_on(staff_id: int, day: date) -> Any:
    """Read the hours that apply on a date."""
    return diary.hours_on(optional_actor(), staff_id, day)


@blueprint.put("/<id:staff_id>/hours/<date:day>")
@roles(*KEEPERS)
@blueprint.arguments(DayHoursIn)
@transactional
@blueprint.response(200, DayHoursOut)
def replace_hours_on(fields: dict[str, Any], staff_id: int, day: date) -> Any:
    """Give a date hours of its own; none at all closes it."""
    return diary.set_hours_on(current_actor(), staff_id, day, fields["hours"])


@blueprint.delete("/<id:staff_id>/hours/<date:day>")
@roles(*KEEPERS)
@transactional
@blueprint.response(204)
def clear_hours_on(staff_id: int, day: date) -> None:
    """Let a date follow its weekday again."""
    diary.clear_hours_on(current_actor(), staff_id, day)


@blueprint.get("/<id:staff_id>/time-off")
@roles(*KEEPERS)
@blueprint.arguments(ClosuresQuery, location="query")
@blueprint.response(200, list_of(ClosureOut))
def list_time_off(query: dict[str, Any], staff_id: int) -> Any:
    """List a staff member's time off."""
    found = diary.list_time_off(current_actor(), staff_id, query["first"], query["last"])
    return paginate(found, {"starts_at": Closure.starts_at}, query)


@blueprint.post("/<id:staff_id>/time-off")
@roles(*KEEPERS)
@blueprint.arguments(ClosureIn)
@transactional
@blueprint.response(201, NewClosureOut)
@blueprint.refuses(BookingsInTheWay)
def add_time_off(fields: dict[str, Any], staff_id: int) -> Any:
    """Take time off; over bookings only with `force`, which keeps and reports them."""
    closure, clashes = diary.add_time_off(current_actor(), staff_id, fields)
    shown = {name: getattr(closure, name) for name in ("id", "starts_at", "ends_at", "reason")}
    return created(shown | {"clashes": clashes}, f"/api/staff/{staff_id}/time-off")


@blueprint.delete("/<id:staff_id>/time-off/<id:closure_id>")
@roles(*KEEPERS)
@transactional
@blueprint.response(204)
def remove_time_off(staff_id: int, closure_id: int) -> None:
    """Give time off back."""
    diary.remove_time_off(current_actor(), staff_id, closure_id)


serve_album(blueprint, Album(Kind.RESOURCE, "staff", (Role.ADMIN,), see=service.see_staff, keep=service.see_staff))
