"""The mail that tells of an offer: what, when on the clocks of whoever does it, and until when."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app

from app.bookings.waitlist import queries
from app.bookings.waitlist.offering import MAIL_OFFER
from app.extensions import business, db
from app.integrations.mail import Message, send
from app.jobs.outbox import Task, delivers
from app.kit.clock import utcnow
from app.models import OfferState, Service, Staff, User, WaitlistOffer

PAGE = "/waitlist"
"""Where the frontend shows an entry, by its id; without a frontend, the API itself does."""


def connect() -> None:
    """Send these mails when their tasks are due; called once by `create_app`."""
    delivers(MAIL_OFFER, _telling, send)


def _telling(task: Task) -> Message | None:
    """Compose the mail, unless the offer is over by now or there is nobody to tell."""
    client = _recipient(task.payload["user_id"])
    found = db.session.execute(queries.offer_in_full(task.payload["offer_id"])).one_or_none()
    if client is None or client.email is None or found is None:
        return None
    offer, entry, service, staff = found
    if offer.state is not OfferState.OPEN or offer.expires_at <= utcnow():
        return None
    how = f"Book it here:\n\n{_link(entry.id)}" if client.has_login else "Tell us, and we book it for you."
    text = f"{_offered(offer, service, staff)}\n\n{how}\n\nIf you do not want it, you need do nothing."
    body = f"Hello,\n\n{text}\n\n{business.name}\n"
    subject = f"{service.name} is free for you – {business.name}"
    return Message(to=client.email, subject=subject, text=body, message_id=task.reference)


def _recipient(user_id: int) -> User | None:
    """Lock and return the client: either it is erased first, or its mail goes."""
    user = db.session.get(User, user_id, populate_existing=True, with_for_update={"key_share": True})
    return user if user is not None and user.is_active else None


def _offered(offer: WaitlistOffer, service: Service, staff: Staff) -> str:
    starts_at, until = (at.astimezone(ZoneInfo(staff.timezone)) for at in (offer.starts_at, offer.expires_at))
    return (
        f"you are next in line. We keep this for you until {until:%H:%M}:\n\n"
        f"{service.name} with {staff.name}\n{_day(starts_at)}, {starts_at:%H:%M} ({staff.timezone})"
    )


def _day(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B %Y}"


def _link(entry_id: int) -> str:
    """Return a URL of the frontend's or ours, as configured; never of the host that a request names."""
    settings = current_app.extensions["settings"]
    if settings.frontend_url:
        return f"{settings.frontend_url}{PAGE}/{entry_id}"
    return f"{settings.public_base_url}/api/bookings/waitlist/{entry_id}"
