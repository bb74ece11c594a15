"""The verbs of spaces."""

from typing import Any

from sqlalchemy import Select

from app.diary.allocations import lock_resources
from app.extensions import business, db
from app.kit.clock import utcnow
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.versions import Seen, require_version
from app.models import Space, SpaceStatus, User
from app.security.actor import Actor
from app.security.errors import TokenRevoked
from app.spaces import queries
from app.spaces.events import space_retiring
from app.spaces.permissions import may_keep, may_let, may_name_owner
from app.spaces.queries import Filters
from app.spaces.zones import zone_of
from app.users.service import lock_active


def list_spaces(actor: Actor | None, filters: Filters) -> Select[Space]:
    """Return the select of the spaces that a list shows the actor and that match."""
    return queries.spaces(actor, filters)


def get_space(space_id: int) -> Space:
    """Return a space as it is now, even a retired one. Raises `NotFound`."""
    space = db.session.get(Space, space_id, populate_existing=True)
    if space is None:
        raise NotFound
    return space


def space_kept_by(actor: Actor, space_id: int) -> Space:
    """Return a space that the actor keeps. Raises `NotFound`, `Forbidden`."""
    space = get_space(space_id)
    if not may_keep(actor, space):
        raise Forbidden
    return space


def create_space(actor: Actor, fields: dict[str, Any]) -> Space:
    """Add a space: the actor's own, or where an admin says so somebody's.

    Raises `NotFound`, `Invalid`, `TokenRevoked`.
    """
    owner_id = _owner_named(actor, fields) or _lock_landlord(actor).id
    space = Space(owner_id=owner_id, currency=business.currency)
    _write(space, fields)
    space.timezone = space.timezone or zone_of(_coordinates(space), space.country, business.timezone)
    db.session.add(space)
    db.session.flush()
    return space


def change_space(actor: Actor, space_id: int, fields: dict[str, Any], *, seen: Seen = None) -> Space:
    """Change the fields given; the time zone stays unless it is one of them. What is booked stays as agreed.

    Raises `NotFound`, `Forbidden`, `Invalid`, `StaleVersion`, `TokenRevoked`.
    """
    space_kept_by(actor, space_id)  # for others it does not matter who is named
    owner_id = _owner_named(actor, fields)
    if owner_id is None:
        lock_active(actor.id)
    space = _locked(actor, space_id, seen)
    space.owner_id = owner_id or space.owner_id
    if fields.get("status") is SpaceStatus.AVAILABLE:
        _require_landlord(space)
    _write(space, fields)
    db.session.flush()
    return space


def retire_space(actor: Actor, space_id: int, *, seen: Seen = None) -> None:
    """Let the space no more, and list it no more; bookings ahead stand in the way. Retiring it again does nothing.

    Raises `NotFound`, `Forbidden`, `StaleVersion`, `LettingsAhead`.
    """
    retire(_locked(actor, space_id, seen))


def retire(space: Space) -> None:
    """Retire a locked space, unless it is. Raises `LettingsAhead`."""
    if space.retired_at is None:
        space_retiring.send(space)
        space.active, space.retired_at = False, utcnow()
        db.session.flush()


def _locked(actor: Actor, space_id: int, seen: Seen) -> Space:
    """Lock a space that the actor keeps, and return it as it is now."""
    lock_resources([space_id])
    space = space_kept_by(actor, space_id)
    require_version(space.version, seen)
    return space


def _lock_landlord(actor: Actor) -> User:
    """Lock the account of whoever asks. Raises `TokenRevoked` where its spaces may be let no more meanwhile."""
    user = lock_active(actor.id)
    if not may_let(user):
        raise TokenRevoked
    return user


def _owner_named(actor: Actor, fields: dict[str, Any]) -> int | None:
    """Take the owner out of the fields, and lock the account; None where nobody is named."""
    owner_id: int | None = fields.pop("owner_id", None)
    if owner_id is None:
        return None
    if not may_name_owner(actor):
        raise Invalid.field("owner_id", "Unknown field.")
    owner = db.session.get(User, owner_id, with_for_update={"key_share": True}, populate_existing=True)
    if owner is None:
        raise NotFound.naming("owner_id")
    if not may_let(owner):
        raise Invalid.field("owner_id", "Must be an account with the role owner or admin.")
    return owner_id


def _require_landlord(space: Space) -> None:
    """Refuse to let a locked space of an account that may not let; who takes that right away waits for the lock."""
    if not may_let(db.session.get_one(User, space.owner_id, populate_existing=True)):
        raise Invalid.field("status", "Its owner's account is not active, or not that of an owner or admin.")


def _write(space: Space, fields: dict[str, Any]) -> None:
    """Put the fields on the space. Raises `Invalid` where they do not go with each other."""
    plain = dict(fields)
    if "price_per_hour" in plain:
        space.price_per_hour_amount = plain.pop("price_per_hour").amount
    if "deposit" in plain:
        deposit = plain.pop("deposit")
        space.deposit_type, space.deposit_value = deposit["type"], deposit["value"]
    if "status" in plain:
        space.active = plain.pop("status") is SpaceStatus.AVAILABLE
        space.retired_at = None if space.active else space.retired_at
    for name, value in plain.items():
        setattr(space, name, value)
    _check(space)


def _check(space: Space) -> None:
    if (space.latitude is None) != (space.longitude is None):
        raise Invalid.field("longitude" if space.longitude is None else "latitude", "Send both coordinates or neither.")
    if space.min_minutes > space.max_minutes:
        raise Invalid.field("max_minutes", "Must not be less than min_minutes.")


def _coordinates(space: Space) -> tuple[float, float] | None:
    if space.latitude is None or space.longitude is None:
        return None
    return space.latitude, space.longitude
