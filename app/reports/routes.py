"""`/api/reports`: what came of it."""

from typing import Any

from app.models import Resource, Role, Space
from app.reports import service
from app.reports.schemas import SpaceReportOut, SpacesQuery
from app.security.guards import current_actor, roles
from app.transactions import reading
from app.web.blueprint import Blueprint
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("reports", __name__, url_prefix="/api/reports")


@blueprint.get("/spaces")
@roles(Role.OWNER, Role.ADMIN)
@blueprint.arguments(SpacesQuery, location="query")
@blueprint.response(200, list_of(SpaceReportOut))
def spaces(query: dict[str, Any]) -> Any:
    """Report on spaces by month: owners see their own, admins all, retired ones too.

    `from` and `to` are both included, at most 366 days; months and days are those of each space's zone. A booking
    counts, and earns, in the month that it starts in; its minutes are booked in those in which they pass. Revenue is
    the total of what was completed.
    """
    with reading():  # ended before the answer is made
        found = service.spaces_reported_to(current_actor())
        page = paginate(found, {"name": Space.name}, query, key=Resource.__table__.c.id)
        return page | {"items": service.space_reports(page["items"], query["first"], query["last"])}
