"""`/api/jobs`: work in the background, and what was given up of it."""

from typing import Any

from app.jobs import service
from app.jobs.errors import NotDead
from app.jobs.schemas import JobOut, JobsQuery, QueueStateOut
from app.jobs.service import SHELVES, Status
from app.jobs.state import queue_state
from app.models import Role
from app.security.guards import current_actor, roles
from app.transactions import transactional
from app.web.blueprint import Blueprint
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("jobs", __name__, url_prefix="/api/jobs")


@blueprint.get("")
@roles(Role.ADMIN)
@blueprint.arguments(JobsQuery, location="query")
@blueprint.response(200, list_of(JobOut))
def list_all(query: dict[str, Any]) -> Any:
    """List tasks of one status. Done ones are kept for 30 days, dead ones until somebody replays or drops them."""
    status: Status = query["status"]
    order = "ended" if status is Status.WAITING else "-ended"
    page = paginate(service.list_jobs(status), {"ended": SHELVES[status].order}, query | {"sort": order})
    return page | {"items": [service.shown(event) for event in page["items"]]}


@blueprint.get("/state")
@roles(Role.ADMIN)
@blueprint.response(200, QueueStateOut)
def show_state() -> Any:
    """Say how much there is to do."""
    return queue_state()


@blueprint.post("/<id:job_id>/replay")
@roles(Role.ADMIN)
@blueprint.refuses(NotDead)
@transactional
@blueprint.response(200, JobOut)
def replay(job_id: int) -> Any:
    """Try a task again that was given up, from its first attempt on."""
    return service.replay(current_actor(), job_id)


@blueprint.delete("/<id:job_id>")
@roles(Role.ADMIN)
@blueprint.refuses(NotDead)
@transactional
@blueprint.response(204)
def drop(job_id: int) -> None:
    """Drop a task that was given up. It is gone for good; the audit log keeps which it was."""
    service.drop(current_actor(), job_id)
