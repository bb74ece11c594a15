"""The verbs of accounts."""

from typing import Any

from sqlalchemy import select

from app.extensions import business, db
from app.kit.errors import Invalid, NotFound
from app.models import User
from app.security.actor import Actor
from app.users import queries
from app.users.contact import phone_in_e164


def get_user(actor: Actor, user_id: int) -> User:
    """Return an account that the actor may see. Raises `NotFound`.

    Everybody sees itself: that row came with the token, and is not read again.
    """
    if user_id == actor.id:
        return db.session.get_one(User, user_id)
    user = db.session.scalars(select(User).where(User.id == user_id, queries.visible_to(actor))).one_or_none()
    if user is None:
        raise NotFound
    return user


def find_visible_client(actor: Actor, client_id: int) -> User:
    """Return the active account for which the actor may book. Raises `NotFound` naming `client_id`."""
    try:
        client = get_user(actor, client_id)
    except NotFound:
        raise NotFound.naming("client_id") from None
    if not client.is_active:
        raise NotFound.naming("client_id")
    return client


def change_profile(actor: Actor, changes: dict[str, Any]) -> User:
    """Change what the actor's own profile says, and return it. Raises `Invalid` for a number that cannot be."""
    user = get_user(actor, actor.id)
    if changes.get("phone"):
        changes["phone"] = normal_phone(changes["phone"], changes.get("country", user.country))
    for name, value in changes.items():
        setattr(user, name, value)
    db.session.flush()
    return user


def normal_phone(text: str, country: str | None) -> str:
    """Return a phone number in E.164, read as in `country` or else the business's. Raises `Invalid`."""
    try:
        return phone_in_e164(text, country or business.country)
    except ValueError:
        raise Invalid.field("phone", "Must be a phone number, best with its country code.") from None
