"""What is told of bookings: to their clients, and to those who decide about them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app

from app.bookings.ical.entries import of_booking
from app.bookings.ical.entry import Sender
from app.bookings.manage.tokens import BOOKING_LINKS
from app.bookings.service.read import load_booking_with_client
from app.extensions import business
from app.integrations.mail import Attachment
from app.integrations.mail.message import sender_address
from app.jobs.events import Event
from app.kit.clock import utcnow
from app.kit.money import Money
from app.models import (
    Booking,
    BookingStatus,
    Notification,
    PendingReason,
    Step,
    User,
)
from app.notifications.deciders import deciders
from app.notifications.notice import MAIL_AND_TEXT, Facts, Notice, url_of
from app.notifications.series import speaks_for_itself, told_at_once
from app.payments.bills import returned_of

BOOKING = "booking"

IsSo = Callable[[Booking, datetime], bool]


def client_of(booking_id: int) -> Sequence[User]:
    """Return the client."""
    booking = load_booking_with_client(booking_id)
    return [] if booking is None else [booking.client]


def deciders_of(booking_id: int) -> Sequence[User]:
    """Return who may decide about a booking, and about the dates of its series that are told of with it."""
    booking = load_booking_with_client(booking_id)
    if booking is None:
        return []
    found = deciders(told_at_once(booking, "approval_asked"))
    return list({user.id: user for users in found.values() for user in users}.values())


def stands(booking: Booking, now: datetime) -> bool:
    """Say whether it is confirmed, and not over."""
    return booking.status_at(now) is BookingStatus.CONFIRMED and now < booking.ends_at


def waits_for_approval(booking: Booking, now: datetime) -> bool:
    """Say whether somebody has yet to decide."""
    return booking.status_at(now) is BookingStatus.PENDING and booking.pending_reason is PendingReason.APPROVAL


def waits_for_deposit(booking: Booking, now: datetime) -> bool:
    """Say whether its deposit is still to be paid."""
    return booking.status_at(now) is BookingStatus.PENDING and booking.pending_reason is PendingReason.DEPOSIT


def is_ahead(booking: Booking, now: datetime) -> bool:
    """Say whether it is pending or confirmed, and has not begun."""
    return booking.status_at(now) in {BookingStatus.PENDING, BookingStatus.CONFIRMED} and now < booking.starts_at


def has_become(status: BookingStatus) -> IsSo:
    """Return whether a booking is in a status."""
    return lambda booking, now: booking.status_at(now) is status


def telling(is_so: IsSo, *, calendar: bool = False) -> Callable[[Notification, User], Facts | None]:
    """Return the facts of a booking for its client as long as something is so; with a file for its `calendar`."""

    def tell(notification: Notification, client: User) -> Facts | None:
        booking, now = load_booking_with_client(notification.about_id or 0), utcnow()
        if booking is None or booking.client_id != client.id:
            return None
        shown = [one for one in told_at_once(booking, notification.kind) if is_so(one, now)]
        if not shown:
            return None
        files = tuple(calendar_file(one) for one in shown) if calendar else ()
        return Facts(words_for(shown), tuple(BOOKING_LINKS.url_of(one, client) for one in shown), files)

    return tell


def asking(notification: Notification, decider: User) -> Facts | None:
    """Return the facts of what somebody is to decide about, as long as nobody has."""
    booking, now = load_booking_with_client(notification.about_id or 0), utcnow()
    shown = [] if booking is None else told_at_once(booking, notification.kind)
    waiting = [one for one in shown if waits_for_approval(one, now)]
    asked = deciders(waiting)
    own = [one for one in waiting if decider in asked[one.id]]
    if booking is None or not own:
        return None
    return Facts(words_for(own) | {"client": booking.client.name}, tuple(url_of(f"/bookings/{one.id}") for one in own))


def reminding(notification: Notification, client: User) -> Facts | None:
    """Return the facts of a booking that is still confirmed, for the very start that is to be reminded of."""
    facts = telling(lambda booking, now: stands(booking, now) and now < booking.starts_at)(notification, client)
    is_same = facts is not None and facts.words["booking"].starts_at == notification.concerns_at
    return facts if is_same else None


def words_for(bookings: Sequence[Booking]) -> dict[str, Any]:
    """Return what the words may speak of: the first of those that are told of at once, each of them, and their sums."""
    booking, others = bookings[0], len(bookings) - 1
    return {
        "booking": booking,
        "dates": [_date(one) for one in bookings],
        "ref": f"{booking.reference} +{others}" if others else booking.reference,
        "zone": ZoneInfo(booking.timezone),
        "what": name_of(booking),
        "total": Money(sum(one.total_amount for one in bookings), booking.currency),
        "deposit": Money(sum(one.deposit_due.amount for one in bookings), booking.currency),
        "paid": Money(sum(one.paid_amount for one in bookings), booking.currency),
        "returned": returned_of(booking),
        "fee": Money(booking.cancel_fee_amount or 0, booking.currency),
        "may_be_moved": current_app.extensions["settings"].frontend_url is not None,  # our own page only cancels
    }


def _date(booking: Booking) -> dict[str, Any]:
    now = utcnow()
    return {
        "booking": booking,
        "total": Money(booking.total_amount, booking.currency),
        "paid": Money(booking.paid_amount, booking.currency),
        "is_cancellable": is_ahead(booking, now) and now < booking.cancel_free_until,
    }


def name_of(booking: Booking) -> str:
    """Return what is booked: the space, or the services."""
    return booking.space_name or ", ".join(item.service_name or "" for item in booking.items)


def calendar_file(booking: Booking) -> Attachment:
    """Return the booking as a file that adds itself to a calendar, or takes itself out of it."""
    from app.bookings.ical.document import as_file  # noqa: PLC0415  # loaded where it is used

    address = sender_address(current_app.extensions["settings"].mail.sender)
    text = as_file(of_booking(booking, business.name, utcnow()), Sender(business.name, address), utcnow()).decode()
    method = "CANCEL" if "METHOD:CANCEL" in text else "PUBLISH"
    return Attachment(f"{booking.reference}.ics", "calendar", (("method", method),), text)


def _is_approval(event: Event) -> bool:
    return event.about["step"] == Step.APPROVE


def _is_no_approval(event: Event) -> bool:
    return not _is_approval(event) and speaks_for_itself(event)


DAY, SOON = timedelta(hours=24), timedelta(hours=2)
REMINDERS = {"reminder_day": DAY, "reminder_soon": SOON}
"""How long before the start each reminder is due."""


def _client_notice(kind: str, on: str, is_so: IsSo, *, calendar: bool = False, **options: Any) -> Notice:
    """Return a notice of a booking for its client."""
    tell = telling(is_so, calendar=calendar)
    return Notice(kind, on, BOOKING, client_of, tell, **({"when": speaks_for_itself} | options))


def _reminder(kind: str, **options: Any) -> Notice:
    """Return a reminder, which no event brings about but the time."""
    return Notice(kind, "", BOOKING, client_of, reminding, optional=True, waits_for_day=True, **options)


CANCELLED, DECLINED = has_become(BookingStatus.CANCELLED), has_become(BookingStatus.DECLINED)
EXPIRED = has_become(BookingStatus.EXPIRED)

NOTICES = (
    _client_notice(
        "booking_confirmed",
        "booking.confirmed",
        stands,
        calendar=True,
        channels=MAIL_AND_TEXT,
        when=_is_no_approval,
    ),
    _client_notice("booking_approved", "booking.confirmed", stands, calendar=True, when=_is_approval),
    _client_notice("booking_requested", "booking.requested", waits_for_approval),
    _client_notice("booking_deposit_due", "booking.deposit_due", waits_for_deposit),
    _client_notice("booking_moved", "booking.moved", is_ahead, calendar=True),
    _client_notice("booking_cancelled", "booking.cancelled", CANCELLED, calendar=True, channels=MAIL_AND_TEXT),
    _client_notice("booking_declined", "booking.declined", DECLINED),
    _client_notice("booking_expired", "booking.expired", EXPIRED),
    Notice("approval_asked", "booking.requested", BOOKING, deciders_of, asking, when=speaks_for_itself),
    _reminder("reminder_day"),
    _reminder("reminder_soon", channels=MAIL_AND_TEXT),
)
