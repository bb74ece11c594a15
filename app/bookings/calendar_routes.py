"""`/api/staff/…/calendar` and `/api/staff/schedule`: the diaries of staff, which need the bookings in them."""

from typing import Any

from app.bookings.calendar import calendars
from app.bookings.calendar_schemas import CalendarOut, DaysQuery, ScheduleOut
from app.models import Role
from app.security.guards import current_actor, roles
from app.staff import service as staff_service
from app.transactions import reading
from app.web.blueprint import Blueprint

blueprint = Blueprint("calendar", __name__, url_prefix="/api/staff")


@blueprint.get("/schedule")
@roles(Role.ADMIN)
@blueprint.arguments(DaysQuery, location="query")
@blueprint.response(200, ScheduleOut)
def schedule(query: dict[str, Any]) -> Any:
    """Show everybody's hours, time off and bookings; `from` and `to` are both included, at most 62 days."""
    with reading():  # ended before the answer is made, which can take longer than a connection may sit idle
        return {"staff": calendars(staff_service.active_staff(), query["first"], query["last"])}


@blueprint.get("/<id:staff_id>/calendar")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.arguments(DaysQuery, location="query")
@blueprint.response(200, CalendarOut)
def calendar(query: dict[str, Any], staff_id: int) -> Any:
    """Show a staff member's hours, time off and bookings; staff see their own."""
    with reading():
        staff = staff_service.staff_with_diary_of(current_actor(), staff_id)
        (found,) = calendars([staff], query["first"], query["last"])
    return found
