"""`/api/bookings/waitlist`: who waits for time to be freed, and what they are offered of it."""

from typing import Any

from app.bookings.waitlist import service
from app.bookings.waitlist.errors import AlreadyWaiting, NoOffer, WaitlistFull
from app.bookings.waitlist.schemas import DeclineIn, EntriesQuery, EntryIn, EntryOut
from app.bookings.waitlist.service import Filters, Wanted
from app.diary.errors import ResourceInactive
from app.kit.errors import NotFound
from app.models import WaitlistEntry
from app.security.guards import current_actor, signed_in
from app.security.idempotency import idempotent
from app.staff.errors import StaffNotAssigned
from app.transactions import transactional
from app.users.errors import ClientBlocked
from app.web.blueprint import Blueprint, created
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("waitlist", __name__, url_prefix="/api/bookings/waitlist")


@blueprint.post("")
@signed_in
@blueprint.arguments(EntryIn)
@transactional
@idempotent
@blueprint.response(201, EntryOut)
@blueprint.refuses(NotFound, ClientBlocked, ResourceInactive, StaffNotAssigned, WaitlistFull, AlreadyWaiting)
def join(wanted: Wanted) -> Any:
    """Wait for time to be freed; for at most five things at a time.

    When time is freed that suits, the first in line has it held for 15 minutes, and gets a mail. A booking that names
    the offer's `hold_id` accepts it; declined or lapsed, it goes to the next. Nobody is offered the same twice. Staff
    and admins name the client by `client_id`, or send `"for_self": true`.
    """
    entry = service.join(current_actor(), wanted)
    return created(service.shown(entry, None), f"/api/bookings/waitlist/{entry.id}")


@blueprint.get("")
@signed_in
@blueprint.arguments(EntriesQuery, location="query")
@blueprint.response(200, list_of(EntryOut))
def list_all(query: dict[str, Any]) -> Any:
    """List what you wait for, first in line first; staff and admins, what everybody waits for."""
    found = service.list_entries(current_actor(), Filters(query["status"], query["service_id"]))
    page = paginate(found, {"created_at": WaitlistEntry.created_at}, query, key=WaitlistEntry.id)
    return page | {"items": [service.shown(row[0], row[1]) for row in page["items"]]}


@blueprint.get("/<id:entry_id>")
@signed_in
@blueprint.response(200, EntryOut)
def read(entry_id: int) -> Any:
    """Read one entry, and the offer that it has at present."""
    return service.shown(*service.get_entry(current_actor(), entry_id))


@blueprint.delete("/<id:entry_id>")
@signed_in
@transactional
@blueprint.response(204)
def leave(entry_id: int) -> None:
    """Wait no more; an offer is declined by that. Of what has ended, nothing changes."""
    service.leave(current_actor(), entry_id)


@blueprint.post("/<id:entry_id>/decline")
@signed_in
@blueprint.arguments(DeclineIn)
@transactional
@blueprint.response(200, EntryOut)
@blueprint.refuses(NoOffer)
def decline(fields: dict[str, Any], entry_id: int) -> Any:
    """Decline what is offered, and wait on; the next in line gets it."""
    return service.shown(service.decline(current_actor(), entry_id, **fields), None)
