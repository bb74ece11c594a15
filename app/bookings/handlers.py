"""How bookings answer to what happens in the rooms below."""

from datetime import datetime
from typing import Any

from app.bookings import periodic
from app.bookings.ical.tokens import forget_tokens
from app.bookings.schemas import BookingOut, ChangeOut
from app.bookings.service.clients import bookings_of, forget_client, hand_over, histories_of
from app.bookings.service.expiry import expire_booking
from app.bookings.service.holds import FREE_HOLD, free_hold
from app.bookings.service.reassign import refuse_or_reassign, refuse_with_bookings_ahead
from app.bookings.service.record import EXPIRE_BOOKING
from app.bookings.waitlist.clients import forget_entries, hand_entries_over, shown_entries_of
from app.bookings.waitlist.freed import Freed
from app.bookings.waitlist.offering import OFFER_FREED, announce, offer_freed
from app.diary.events import time_freed
from app.jobs.outbox import handles
from app.models import Space, Staff, User
from app.security.actor import Actor
from app.spaces.events import space_retiring
from app.staff.events import staff_leaving
from app.users.events import erasing, exporting, walk_in_claimed


def connect() -> None:
    """Listen; called once by `create_app`."""
    staff_leaving.connect(_on_staff_leaving)
    space_retiring.connect(_on_space_retiring)
    walk_in_claimed.connect(_on_walk_in_claimed)
    exporting.connect(_on_exporting)
    erasing.connect(_on_erasing)
    handles(EXPIRE_BOOKING, _on_deadline)
    handles(FREE_HOLD, _on_hold_over)
    time_freed.connect(_on_time_freed)
    handles(OFFER_FREED, _on_freed_time_to_offer)
    periodic.connect()


def _on_staff_leaving(staff: Staff, *, reassign_to: int | None, actor: Actor) -> None:
    refuse_or_reassign(staff_id=staff.id, reassign_to=reassign_to, actor_id=actor.id)


def _on_space_retiring(space: Space) -> None:
    refuse_with_bookings_ahead(space.id)


def _on_walk_in_claimed(walk_in: User, *, account: User) -> None:
    hand_over(walk_in.id, account.id)
    hand_entries_over(walk_in.id, account.id)


def _on_exporting(user: User) -> dict[str, Any]:
    shown, changes = BookingOut(), ChangeOut()
    histories = histories_of(user.id)
    return {
        "bookings": [
            shown.dump(booking) | {"history": changes.dump(histories[booking.id], many=True)}
            for booking in bookings_of(user.id)
        ],
        "waitlist": shown_entries_of(user.id),
    }


def _on_erasing(user: User) -> None:
    forget_client(user.id)
    forget_entries(user.id)
    forget_tokens(user.id)


def _on_deadline(payload: dict[str, Any]) -> None:
    expire_booking(payload["booking_id"])


def _on_hold_over(payload: dict[str, Any]) -> None:
    free_hold(payload["hold_id"])


def _on_time_freed(resource_id: int, *, starts_at: datetime, ends_at: datetime) -> None:
    announce(Freed(resource_id, starts_at, ends_at))


def _on_freed_time_to_offer(payload: dict[str, Any]) -> None:
    offer_freed(Freed.of(payload))
