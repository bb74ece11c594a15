"""Who may do what to a booking that they can see (product.md §8). Pure; `owner_id` is the booked space's owner."""

from app.models import Booking, BookingKind, Role
from app.security.actor import Actor


def may_decide(actor: Actor, booking: Booking, owner_id: int | None) -> bool:
    """Say whether the actor may approve, decline, complete, or mark as missed."""
    if actor.role is Role.ADMIN:
        return True
    if booking.kind is BookingKind.SPACE:
        return actor.role is Role.OWNER and owner_id == actor.id
    return actor.role is Role.STAFF


def may_cancel(actor: Actor, booking: Booking, owner_id: int | None) -> bool:
    """Say whether the actor may cancel: its client, and whoever may decide."""
    return booking.client_id == actor.id or may_decide(actor, booking, owner_id)


def may_reschedule(actor: Actor, booking: Booking) -> bool:
    """Say whether the actor may move a booking to another time: its client, staff where they work, and admins.

    The owner of a space may approve and decline, and leaves the time to the client.
    """
    works_on_it = actor.role is Role.STAFF and booking.kind is BookingKind.SERVICE
    return booking.client_id == actor.id or works_on_it or actor.role is Role.ADMIN


def may_withdraw(actor: Actor, booking: Booking) -> bool:
    """Say whether the actor may delete, which is cancelling without a word: its client, and admins."""
    return booking.client_id == actor.id or actor.role is Role.ADMIN


def may_book_for_others(actor: Actor, kind: BookingKind) -> bool:
    """Say whether the actor may name a client other than itself: admins, and staff for services."""
    return actor.role is Role.ADMIN or (actor.role is Role.STAFF and kind is BookingKind.SERVICE)
