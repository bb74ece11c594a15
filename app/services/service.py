"""The verbs of the catalogue: services and who performs them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from app import lookups
from app.extensions import business, db
from app.kit.errors import NotFound
from app.kit.versions import Seen, require_version
from app.models import Assignment, Service, Staff
from app.security.actor import Actor
from app.services import queries
from app.services.categories import category_named
from app.services.errors import AlreadyAssigned
from app.services.queries import Filters
from app.transactions import locked, refusing


def list_services(actor: Actor | None, filters: Filters) -> queries.Rows:
    """Return the select of what is shown of the services that the actor sees and that match."""
    return queries.services(actor, filters)


def get_service(service_id: int) -> lookups.Found:
    """Return what is shown of one service, retired ones too. Raises `NotFound`."""
    service = lookups.row(queries.SHOWN_SERVICE, {"service_id": service_id})
    if service is None:
        raise NotFound
    return service


def get_named_service(service_id: int) -> Service:
    """Return the service that a request names by `service_id`, as it is now, retired ones too. Raises `NotFound`."""
    service = db.session.get(Service, service_id, populate_existing=True)
    if service is None:
        raise NotFound.naming("service_id")
    return service


def get_services(service_ids: Collection[int]) -> dict[int, Service]:
    """Return those of these services that exist, as they are now, retired ones too, by id."""
    found = select(Service).where(Service.id.in_(service_ids)).execution_options(populate_existing=True)
    return {service.id: service for service in db.session.scalars(found)}


def create_service(fields: dict[str, Any]) -> Service:
    """Add a service."""
    service = Service(currency=business.currency)
    _write(service, fields)
    db.session.add(service)
    db.session.flush()
    return service


def change_service(service_id: int, fields: dict[str, Any], *, seen: Seen = None) -> Service:
    """Change the fields given; prices agreed before stay as they were. Raises `NotFound`, `StaleVersion`."""
    service = locked(Service, service_id, queries.CATEGORY)
    require_version(service.version, seen)
    _write(service, fields)
    db.session.flush()
    return service


def retire_service(service_id: int, *, seen: Seen = None) -> None:
    """Offer the service no longer; its history stays. Raises `NotFound`, `StaleVersion`."""
    service = locked(Service, service_id)
    require_version(service.version, seen)
    service.active = False
    db.session.flush()


def list_assignments(staff_id: int | None, service_id: int | None) -> Select[Assignment]:
    """Return the select of who performs what."""
    return queries.assignments(staff_id, service_id)


def assign(fields: dict[str, Any]) -> Assignment:
    """Let a staff member perform a service. Raises `NotFound` naming the field, `AlreadyAssigned`."""
    if db.session.get(Staff, fields["staff_id"]) is None:
        raise NotFound.naming("staff_id")
    get_named_service(fields["service_id"])
    assignment = Assignment(staff_id=fields["staff_id"], service_id=fields["service_id"], currency=business.currency)
    _write_assignment(assignment, fields)
    with refusing("unique", AlreadyAssigned):
        db.session.add(assignment)
    return assignment


def change_assignment(assignment_id: int, fields: dict[str, Any]) -> Assignment:
    """Change the own price or duration; null means the service's. Raises `NotFound`."""
    assignment = locked(Assignment, assignment_id)
    _write_assignment(assignment, fields)
    db.session.flush()
    return assignment


def unassign(assignment_id: int) -> None:
    """Let a staff member perform a service no longer; what is booked stays. Raises `NotFound`."""
    db.session.delete(locked(Assignment, assignment_id))
    db.session.flush()


def performed_by(staff_ids: list[int]) -> dict[int, list[Service]]:
    """Return the active services that each staff member performs, by name, in one statement."""
    found: dict[int, list[Service]] = {staff_id: [] for staff_id in staff_ids}
    for staff_id, service in db.session.execute(queries.performed_by(staff_ids)):
        found[staff_id].append(service)
    return found


def _write(service: Service, fields: dict[str, Any]) -> None:
    plain = dict(fields)
    if "category" in plain:
        service.category = category_named(plain.pop("category"))
    if "price" in plain:
        service.price_amount = plain.pop("price").amount
    if "deposit" in plain:
        deposit = plain.pop("deposit")
        service.deposit_type, service.deposit_value = deposit["type"], deposit["value"]
    for name, value in plain.items():
        setattr(service, name, value)


def _write_assignment(assignment: Assignment, fields: dict[str, Any]) -> None:
    if "price" in fields:
        assignment.price_amount = fields["price"].amount if fields["price"] else None
    if "duration_minutes" in fields:
        assignment.duration_minutes = fields["duration_minutes"]
