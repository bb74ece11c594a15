"""Signed links to one booking, for its client: made from the booking itself, and kept nowhere.

Such a token is `<booking id>-<signature>`. The signature is of the booking, its client and that client's email: of
another client, another email, or nobody's any more, it is not. It works until some days after the booking has ended,
wherever that is moved to. Where keys are being changed, links of those before work as well.
"""

import base64
import hmac
import re
from datetime import timedelta

from flask import current_app

from app.bookings.errors import LinkUnknown
from app.bookings.service.read import load_booking_with_client
from app.kit.clock import utcnow
from app.models import Booking, User

VALID_AFTER_END = timedelta(days=7)
SIGNATURE_BYTES = 20

_TOKEN = re.compile(r"([1-9][0-9]{0,17})-([A-Za-z0-9_-]{27})", re.ASCII)


def token_of(booking: Booking, client: User) -> str:
    """Return the token of a booking for its client, who has an email; the same each time."""
    return f"{booking.id}-{_signatures(booking, client)[0]}"


def link_to(booking: Booking, client: User) -> str:
    """Return the URL of the frontend's or ours, as configured; never of the host that a request names."""
    settings = current_app.extensions["settings"]
    if settings.frontend_url:
        return f"{settings.frontend_url}/bookings/manage/{token_of(booking, client)}"
    return f"{settings.public_base_url}/api/bookings/manage/{token_of(booking, client)}"


def booking_behind(token: str) -> Booking:
    """Return the booking, with its client, that a token opens. Raises `LinkUnknown`, whatever is wrong."""
    parts = _TOKEN.fullmatch(token)
    booking = load_booking_with_client(int(parts[1])) if parts else None
    if parts is None or booking is None or not _opens(parts[2], booking):
        raise LinkUnknown
    return booking


def _opens(signature: str, booking: Booking) -> bool:
    client = booking.client
    is_theirs = any(hmac.compare_digest(signature, one) for one in _signatures(booking, client))
    in_use = client.is_active and client.email_key is not None and client.erased_at is None
    return is_theirs and in_use and utcnow() < booking.ends_at + VALID_AFTER_END


def _signatures(booking: Booking, client: User) -> list[str]:
    """Return the signatures: by the key that signs now, then by older ones."""
    keys: tuple[bytes, ...] = current_app.config["BOOKING_LINK_KEYS"]
    signed = f"{booking.id}:{booking.reference}:{client.id}:{client.email_key}".encode()
    digests = [hmac.digest(key, signed, "sha256")[:SIGNATURE_BYTES] for key in keys]
    return [base64.urlsafe_b64encode(digest).decode().rstrip("=") for digest in digests]
