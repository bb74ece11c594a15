"""For whom is booked, and whether the business takes bookings from them."""

from sqlalchemy import bindparam

from app.bookings import queries
from app.bookings.errors import ClientLimit, ClientUnspecified
from app.bookings.permissions import may_book_for_others
from app.bookings.request import Request
from app.extensions import business, db
from app.kit.clock import utcnow
from app.kit.errors import Forbidden, Invalid
from app.models import BookingKind
from app.security.actor import Actor
from app.users.errors import ClientBlocked
from app.users.service import Client, find_visible_client

_AHEAD = queries.count_ahead_of_client(bindparam("client_id"), bindparam("now"))
"""Made once: it is asked for each booking."""


def client_of(actor: Actor, request: Request) -> Client:
    """Return whom the actor books for, locked: nobody else books for them, or changes them, meanwhile.

    Raises `NotFound` naming the client, `Forbidden`, `Invalid`, `ClientUnspecified`, `ClientBlocked`.
    """
    client = find_visible_client(actor, _client_id(actor, request))
    if client.id != actor.id and not may_book_for_others(actor, request.kind):
        raise Forbidden
    if client.is_blocked:
        raise ClientBlocked(extra={"alternatives": []})
    return client


def check_limit(actor: Actor, client: Client, kind: BookingKind) -> None:
    """Refuse a client more future bookings than one may have; whoever books for others is not bound.

    Raises `ClientLimit`.
    """
    left = places_left(actor, client, kind)
    if left is not None and left <= 0:
        raise ClientLimit(extra={"alternatives": []})


def places_left(actor: Actor, client: Client, kind: BookingKind) -> int | None:
    """Return how many more bookings ahead the client may have; None where the actor books for others: without limit."""
    if may_book_for_others(actor, kind):
        return None
    ahead: int = db.session.scalars(_AHEAD, {"client_id": client.id, "now": utcnow()}).one()
    return business.booking_limit - ahead


def _client_id(actor: Actor, request: Request) -> int:
    if request.client_id is not None:
        if request.for_self and request.client_id != actor.id:
            raise Invalid.field("for_self", "client_id names somebody else.")
        return request.client_id
    if may_book_for_others(actor, request.kind) and not request.for_self:
        raise ClientUnspecified(errors={"client_id": [ClientUnspecified.title]})
    return actor.id
