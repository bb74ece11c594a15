"""`/api/services`: what staff do."""

from typing import Any

from app.images.albums import Album, serve_album
from app.images.subjects import Kind
from app.kit.errors import NotFound
from app.models import Assignment, Category, Role, Service
from app.security.errors import BAD_TOKEN
from app.security.guards import optional_actor, public, roles
from app.services import categories, service
from app.services.errors import AlreadyAssigned, CategoryInUse, CategoryTaken
from app.services.queries import Filters
from app.services.schemas import (
    AssignmentChangesIn,
    AssignmentIn,
    AssignmentOut,
    AssignmentsQuery,
    CategoriesQuery,
    CategoryChangesIn,
    CategoryIn,
    CategoryOut,
    ServiceChangesIn,
    ServiceIn,
    ServiceOut,
    ServicesQuery,
)
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.caching import cacheable
from app.web.pagination import paginate
from app.web.preconditions import seen_version, versioned
from app.web.schemas import list_of

blueprint = Blueprint("services", __name__, url_prefix="/api/services")

SORTED = Service.__table__.c
SORTS = {"name": SORTED.name, "price": SORTED.price_amount, "created_at": SORTED.created_at}


@blueprint.get("")
@public
@cacheable
@blueprint.arguments(ServicesQuery, location="query")
@blueprint.response(200, list_of(ServiceOut), kept=True, leased=lambda query: query["staff_id"] is None)
@blueprint.refuses(*BAD_TOKEN)
def list_all(query: dict[str, Any]) -> Any:
    """List the services on offer; staff and admins see retired ones with `active=false`."""
    filters = Filters(**{name: query[name] for name in Filters.__slots__})
    return paginate(service.list_services(optional_actor(), filters), SORTS, query, key=SORTED.id, values={})


@blueprint.post("")
@roles(Role.ADMIN)
@blueprint.arguments(ServiceIn)
@transactional
@blueprint.response(201, ServiceOut)
def create(fields: dict[str, Any]) -> Any:
    """Add a service."""
    added = service.create_service(fields)
    return created(added, f"/api/services/{added.id}")


@blueprint.get("/<id:service_id>")
@public
@cacheable
@blueprint.response(200, ServiceOut, kept=True, leased=lambda service_id: True)  # noqa: ARG005  # of any
def read(service_id: int) -> Any:
    """Read one service, retired ones too."""
    return service.get_service(service_id)


@blueprint.patch("/<id:service_id>")
@roles(Role.ADMIN)
@versioned
@blueprint.arguments(ServiceChangesIn)
@transactional
@blueprint.response(200, ServiceOut)
def change(fields: dict[str, Any], service_id: int) -> Any:
    """Change a service; prices agreed before stay as they were."""
    return service.change_service(service_id, fields, seen=seen_version())


@blueprint.delete("/<id:service_id>")
@roles(Role.ADMIN)
@versioned
@transactional
@blueprint.response(204)
def retire(service_id: int) -> None:
    """Offer a service no longer; its history stays."""
    service.retire_service(service_id, seen=seen_version())


@blueprint.get("/categories")
@public
@cacheable
@blueprint.arguments(CategoriesQuery, location="query")
@blueprint.response(200, list_of(CategoryOut))
def list_categories(query: dict[str, Any]) -> Any:
    """List the headings of the catalogue."""
    sorts = {"position": Category.position, "name": Category.name}
    return paginate(categories.list_categories(), sorts, query)


@blueprint.post("/categories")
@roles(Role.ADMIN)
@blueprint.arguments(CategoryIn)
@transactional
@blueprint.response(201, CategoryOut)
@blueprint.refuses(CategoryTaken)
def create_category(fields: dict[str, Any]) -> Any:
    """Add a category."""
    added = categories.create_category(fields)
    return created(added, "/api/services/categories")


@blueprint.patch("/categories/<id:category_id>")
@roles(Role.ADMIN)
@blueprint.arguments(CategoryChangesIn)
@transactional
@blueprint.response(200, CategoryOut)
@blueprint.refuses(CategoryTaken)
def change_category(fields: dict[str, Any], category_id: int) -> Any:
    """Change a category."""
    return categories.change_category(category_id, fields)


@blueprint.delete("/categories/<id:category_id>")
@roles(Role.ADMIN)
@transactional
@blueprint.response(204)
@blueprint.refuses(CategoryInUse)
def delete_category(category_id: int) -> None:
    """Remove a category that no service is in."""
    categories.delete_category(category_id)


@blueprint.get("/assignments")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.arguments(AssignmentsQuery, location="query")
@blueprint.response(200, list_of(AssignmentOut))
def list_assignments(query: dict[str, Any]) -> Any:
    """List who performs what."""
    found = service.list_assignments(query["staff_id"], query["service_id"])
    return paginate(found, {"created_at": Assignment.created_at}, query)


@blueprint.post("/assignments")
@roles(Role.ADMIN)
@blueprint.arguments(AssignmentIn)
@transactional
@blueprint.response(201, AssignmentOut)
@blueprint.refuses(NotFound, AlreadyAssigned)
def assign(fields: dict[str, Any]) -> Any:
    """Let a staff member perform a service."""
    added = service.assign(fields)
    return created(added, f"/api/services/assignments?staff_id={added.staff_id}&service_id={added.service_id}")


@blueprint.patch("/assignments/<id:assignment_id>")
@roles(Role.ADMIN)
@blueprint.arguments(AssignmentChangesIn)
@transactional
@blueprint.response(200, AssignmentOut)
def change_assignment(fields: dict[str, Any], assignment_id: int) -> Any:
    """Change the own price or duration of an assignment; null means the service's."""
    return service.change_assignment(assignment_id, fields)


@blueprint.delete("/assignments/<id:assignment_id>")
@roles(Role.ADMIN)
@transactional
@blueprint.response(204)
def unassign(assignment_id: int) -> None:
    """Let a staff member perform a service no longer; what is booked stays."""
    service.unassign(assignment_id)


def _is_there(_actor: object, service_id: int) -> None:
    service.get_service(service_id)


serve_album(blueprint, Album(Kind.SERVICE, "service", keepers=(Role.ADMIN,), see=_is_there, keep=_is_there))
