"""How bookings answer to what happens in the rooms below."""

from typing import Any

from app.bookings.service.expiry import expire_booking
from app.bookings.service.reassign import refuse_or_reassign
from app.bookings.service.record import EXPIRE_BOOKING
from app.jobs.outbox import handles
from app.models import Staff
from app.security.actor import Actor
from app.staff.events import staff_leaving


def connect() -> None:
    """Listen; called once by `create_app`."""
    staff_leaving.connect(_on_staff_leaving)
    handles(EXPIRE_BOOKING, _on_deadline)


def _on_staff_leaving(staff: Staff, *, reassign_to: int | None, actor: Actor) -> None:
    refuse_or_reassign(staff_id=staff.id, reassign_to=reassign_to, actor_id=actor.id)


def _on_deadline(payload: dict[str, Any]) -> None:
    expire_booking(payload["booking_id"])
