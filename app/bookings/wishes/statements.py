"""The statement that visits are read with, made once: to make it takes longer than to have it answered."""

from sqlalchemy import select

from app.bookings.work import Work
from app.kit.among import among
from app.kit.prepared import PREPARED
from app.models import Assignment, Resource, Service

SERVICE, ASSIGNMENT, STAFF = (table.__table__ for table in (Service, Assignment, Resource))

PERFORMED = (
    select(
        *(SERVICE.c[name] for name in Work._fields),
        ASSIGNMENT.c.staff_id,
        *(STAFF.c.name, STAFF.c.timezone, STAFF.c.active),
        *(ASSIGNMENT.c.price_amount, ASSIGNMENT.c.duration_minutes),
    )
    .select_from(
        SERVICE.outerjoin(ASSIGNMENT, ASSIGNMENT.c.service_id == SERVICE.c.id).outerjoin(
            STAFF, STAFF.c.id == ASSIGNMENT.c.staff_id
        )
    )
    .where(among(SERVICE.c.id, "service_ids"))
    .order_by(ASSIGNMENT.c.staff_id)
    .execution_options(**PREPARED)
)
"""The fields of `Work`, then (staff id, name, zone, active, own price, own duration) of all assignments of the services
`service_ids`, by staff id; a service that nobody performs has one row without staff."""
