"""What is told of the waitlist: that something is free, and kept for a while."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.bookings.waitlist.service import find_offer
from app.kit.clock import utcnow
from app.models import Notification, OfferState, User
from app.notifications.notice import Facts, Notice, url_of


def client_of(offer_id: int) -> Sequence[User]:
    """Return who waits."""
    found = find_offer(offer_id)
    return [] if found is None else [found.client]


def offering(notification: Notification, client: User) -> Facts | None:
    """Return the facts of an offer, as long as it stands; a walk-in has nowhere to book it, and tells us."""
    found, now = find_offer(notification.about_id or 0), utcnow()
    if found is None or found.offer.state is not OfferState.OPEN or found.offer.expires_at <= now:
        return None
    words = {
        "offer": found.offer,
        "client": client,
        "service": found.service.name,
        "staff": found.staff.name,
        "zone": ZoneInfo(found.staff.timezone),
    }
    return Facts(words, (_page_of(found.entry.id),) if client.has_login else ())


def _page_of(entry_id: int) -> str:
    return url_of(f"/waitlist/{entry_id}", served=f"/bookings/waitlist/{entry_id}")


NOTICES = (Notice("waitlist_offer", "waitlist.offered", "offer", client_of, offering, optional=True),)
