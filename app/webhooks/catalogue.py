"""The events that webhooks are told of, and what they are told. One more is one line more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from app.bookings.schemas import BookingOut
from app.bookings.service.read import load_booking

Data = dict[str, Any]

ALL: Final = "*"
TEST: Final = "webhook.test"
"""What an admin sends to see whether it arrives; nobody asks for it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an event of one name means, and what shows its thing as it is now from the ids that the event names."""

    description: str
    show: Callable[[Data], Data]


def _ids(about: Data) -> Data:
    return about


def _booking(about: Data) -> Data:
    """Show a booking as the API does, but for what people wrote: it may say anything, and nobody asked to have it."""
    booking = load_booking(about["booking_id"])
    if booking is None:
        return about
    shown: Data = BookingOut().dump(booking)
    del shown["notes"]
    if shown["cancelled"] is not None:
        del shown["cancelled"]["reason"]
    return shown


EVENTS: Final[dict[str, Kind]] = {
    "booking.requested": Kind("A booking waits for approval.", _booking),
    "booking.deposit_due": Kind("A booking waits for its deposit.", _booking),
    "booking.confirmed": Kind("A booking is agreed.", _booking),
    "booking.moved": Kind("A booking has another time, or somebody else to do it.", _booking),
    "booking.cancelled": Kind("A booking was cancelled.", _booking),
    "booking.declined": Kind("A booking was declined.", _booking),
    "booking.expired": Kind("Nobody decided about a booking, or paid for it, in time.", _booking),
    "booking.completed": Kind("What was booked has been done.", _booking),
    "booking.no_show": Kind("The client did not come.", _booking),
    "waitlist.offered": Kind("Somebody on the waitlist was offered a time.", _ids),
    TEST: Kind("An admin tried whether it arrives.", _ids),
}

CHOICES: Final = tuple(name for name in EVENTS if name != TEST)
"""What an endpoint may ask for, besides all."""


def shown(event: str, about: Data) -> Data:
    """Return the `data` of a payload: the thing as it is now. Of an event that is known no more, its ids."""
    kind = EVENTS.get(event)
    return dict(about) if kind is None else kind.show(dict(about))
