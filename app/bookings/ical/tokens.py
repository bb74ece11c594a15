"""Keys to private feeds: shown once, kept as a hash, one for each feed; a new one ends the one before.

Calendar programs cannot sign in, so the key stands in the feed's address. It opens that feed and nothing else, until
it is revoked or whoever it shows is gone.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, delete

from app.audit.service import Thing, record, user_thing
from app.bookings.ical import queries
from app.extensions import BULK, db
from app.kit.clock import utcnow
from app.kit.errors import NotFound
from app.models import CalendarToken, Staff, User
from app.security.actor import Actor
from app.security.errors import TokenRevoked
from app.staff.permissions import may_keep_diary
from app.staff.service import staff_with_diary_of
from app.transactions import locked

Which = tuple[ColumnElement[bool], ...]

TOKEN_BYTES = 32
NO_HASH = "0" * 64
"""What a token is compared with where there is none: that takes as long."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, which is never seen again."""

    token: str
    created_at: datetime


def issue_to_client(actor: Actor) -> Issued:
    """Open a feed of what the actor has booked. Raises `TokenRevoked` where the account has just ended."""
    user = locked(User, actor.id)
    if not user.is_active:
        raise TokenRevoked
    return _issue(queries.of_client(user.id), CalendarToken(user_id=user.id), actor, user_thing(user.id))


def issue_to_staff(actor: Actor, staff_id: int) -> Issued:
    """Open a feed of a staff member's calendar. Raises `NotFound`, `Forbidden`.

    Locked first: an account that is erased meanwhile has left a staff member without one, whose feed it could open.
    """
    locked(Staff, staff_id)
    staff = staff_with_diary_of(actor, staff_id)
    row = CalendarToken(staff_id=staff.id, user_id=staff.user_id)
    return _issue(queries.of_staff(staff.id), row, actor, _staff_thing(staff.id))


def revoke_of_client(actor: Actor) -> None:
    """Close the actor's feed; where it is closed, nothing happens."""
    _revoke(queries.of_client(actor.id), actor, user_thing(actor.id))


def revoke_of_staff(actor: Actor, staff_id: int) -> None:
    """Close a staff member's feed; where it is closed, nothing happens. Raises `NotFound`, `Forbidden`."""
    staff_with_diary_of(actor, staff_id)
    _revoke(queries.of_staff(staff_id), actor, _staff_thing(staff_id))


def forget_tokens(user_id: int) -> None:
    """Remove whatever an account could read calendars with."""
    _delete((CalendarToken.user_id == user_id,))


def client_behind(user_id: int, token: str) -> User:
    """Return the account whose feed a token opens, in one statement. Raises `NotFound`, whatever is wrong."""
    _, user = _opened(queries.client_key(user_id), token)
    if not user.is_active:
        raise NotFound
    return cast(User, user)


def staff_behind(staff_id: int, token: str) -> Staff:
    """Return the staff member whose feed a token opens, in one statement. Raises `NotFound`, whatever is wrong.

    Whoever the token was issued for must still be the staff member's account, and may still keep its diary.
    """
    known, staff, user = _opened(queries.staff_key(staff_id), token)
    if not staff.active or known.user_id != staff.user_id:
        raise NotFound
    if user is not None and not (user.is_active and may_keep_diary(Actor(user.id, user.role), staff)):
        raise NotFound
    return cast(Staff, staff)


def _opened(selected: Select[*tuple[Any, ...]], token: str) -> Row[*tuple[Any, ...]]:
    """Return the row, the known token first, that `token` opens; it takes as long where there is none."""
    found = db.session.execute(selected).one_or_none()
    known = NO_HASH if found is None else found[0].token_hash
    if not hmac.compare_digest(known, _hash(token)) or found is None:
        raise NotFound
    return found


def _issue(feed: Which, row: CalendarToken, actor: Actor, thing: Thing) -> Issued:
    """Replace the token of a feed, whose owner is locked: of two at once, the second replaces the first."""
    _delete(feed)
    token, row.created_at = secrets.token_urlsafe(TOKEN_BYTES), utcnow()
    row.token_hash = _hash(token)
    db.session.add(row)
    record("bookings.feed_opened", actor_id=actor.id, thing=thing)
    return Issued(token, row.created_at)


def _revoke(feed: Which, actor: Actor, thing: Thing) -> None:
    if _delete(feed):
        record("bookings.feed_closed", actor_id=actor.id, thing=thing)


def _delete(which: Which) -> bool:
    """Delete tokens, and say whether there were any."""
    gone = delete(CalendarToken).where(*which).returning(CalendarToken.id)
    return bool(db.session.execute(gone, execution_options=BULK).all())


def _staff_thing(staff_id: int) -> Thing:
    return Thing("staff", staff_id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
