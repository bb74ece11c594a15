"""What of a booking, its items and time off stands in a calendar, and what does not. Pure.

Calendars leave the house, to whichever company somebody keeps them at. So nobody's contact data is in them, no notes,
and no prices; a client's name is in the feed of whoever serves the client, marked private, as long as it takes place.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.bookings.ical.entry import Entry, State
from app.models import Booking, BookingItem, BookingStatus, Closure, Space

DOMAIN = "parlour"
"""The part of a UID that keeps it apart from those of other programs. It never changes: a UID is for ever."""

STATES = {
    BookingStatus.PENDING: State.TENTATIVE,
    BookingStatus.CONFIRMED: State.CONFIRMED,
    BookingStatus.COMPLETED: State.CONFIRMED,
    BookingStatus.NO_SHOW: State.CONFIRMED,
    BookingStatus.CANCELLED: State.CANCELLED,
    BookingStatus.DECLINED: State.CANCELLED,
    BookingStatus.EXPIRED: State.CANCELLED,
}


def of_booking(booking: Booking, house: str, now: datetime) -> Entry:
    """Return a booking as its client reads it, at the business called `house`."""
    sequence, changed_at = _revision(booking, now)
    return Entry(
        uid=f"{_root(booking)}@{DOMAIN}",
        sequence=sequence,
        changed_at=changed_at,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        timezone=booking.timezone,
        state=STATES[booking.status_at(now)],
        summary=f"{_contents(booking)} – {house}",
        description="\n".join(_details(booking)),
        location=_place(booking.space) if booking.space else "",
    )


def of_item(item: BookingItem, booking: Booking, client_name: str, now: datetime) -> Entry:
    """Return a part of a booking as the staff member reads it who does it."""
    sequence, changed_at = _revision(booking, now)
    state = STATES[booking.status_at(now)]
    takes_place = state is not State.CANCELLED
    return Entry(
        uid=f"{_root(booking)}-{item.position}@{DOMAIN}",
        sequence=sequence,
        changed_at=changed_at,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        timezone=booking.timezone,
        state=state,
        summary=f"{item.service_name} – {client_name}" if takes_place else item.service_name or "",
        description=f"Reference {booking.reference}",
        is_private=takes_place,
    )


def of_closure(closure: Closure, timezone: str) -> Entry:
    """Return time off, or a closure of the whole business; never the reason."""
    return Entry(
        uid=f"time-off-{closure.id}-{int(closure.created_at.timestamp())}@{DOMAIN}",
        sequence=0,
        changed_at=closure.created_at,
        starts_at=closure.starts_at,
        ends_at=closure.ends_at,
        timezone=timezone,
        state=State.CONFIRMED,
        summary="Closed" if closure.resource_id is None else "Time off",
        takes_time=False,
    )


def _root(booking: Booking) -> str:
    """Return what is the booking's alone, in this house (the id) and among all (the reference)."""
    return f"booking-{booking.id}-{booking.reference}"


def _revision(booking: Booking, now: datetime) -> tuple[int, datetime]:
    """Return a number that rises with every change, and when the last one was.

    A change that is written down counts two. So a lapse that nobody has written down yet has a number of its own,
    which whatever is written next exceeds: that lapse, or the money that undoes it.
    """
    written = 2 * (booking.version - 1)
    if booking.status_at(now) is booking.status:
        return written, booking.updated_at
    return written + 1, booking.expires_at or booking.updated_at


def _contents(booking: Booking) -> str:
    if booking.space:
        return booking.space.name
    return ", ".join(item.service_name or "" for item in booking.items)


def _details(booking: Booking) -> list[str]:
    zone = ZoneInfo(booking.timezone)
    lines = [f"Reference {booking.reference}"]
    lines += [
        f"{item.starts_at.astimezone(zone):%H:%M} {item.service_name} with {item.staff_name}"
        for item in booking.items
        if item.service_name
    ]
    return [*lines, f"Party of {booking.party_size}"] if booking.space else lines


def _place(space: Space) -> str:
    return ", ".join(part for part in (space.name, space.address, space.city) if part)
