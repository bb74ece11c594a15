"""Finding, locking and writing down accounts."""

from typing import Any, NamedTuple

from sqlalchemy import Select, select

from app.audit.service import record, user_thing
from app.extensions import business, db
from app.kit.errors import Invalid, NotFound
from app.models import User
from app.security.actor import Actor
from app.security.errors import TokenRevoked
from app.transactions import refusing
from app.users import queries
from app.users.contact import email_key, phone_in_e164
from app.users.errors import EmailTaken
from app.users.events import INVITE
from app.users.mails import mail_soon
from app.users.queries import Filters


def list_users(actor: Actor, filters: Filters) -> Select[User]:
    """Return the select of the accounts that lists show the actor and that match."""
    return queries.users(actor, filters)


def phone_meant_by(text: str | None) -> str | None:
    """Return what somebody looks for as a phone number in E.164, read as in the business's country; None if none."""
    try:
        return phone_in_e164(text, business.country) if text else None
    except ValueError:
        return None


def get_user(actor: Actor, user_id: int) -> User:
    """Return an account that the actor may see. Raises `NotFound`."""
    user = db.session.scalars(select(User).where(User.id == user_id, queries.visible_to(actor))).one_or_none()
    if user is None:
        raise NotFound
    return user


def require_visible(actor: Actor, user_id: int) -> None:
    """Raise `NotFound` where the actor may not see the account. Everybody sees itself, which is not asked again."""
    if user_id != actor.id:
        get_user(actor, user_id)


def get_account(key: str) -> User | None:
    """Return the account that signs in with the email of this key; walk-ins do not sign in."""
    return db.session.scalars(select(User).where(User.email_key == key, User.has_login)).one_or_none()


def lock_user(user_id: int) -> User:
    """Lock an account that is known to exist until the transaction ends, and return it as it is now."""
    return db.session.get_one(User, user_id, with_for_update={"key_share": True}, populate_existing=True)


def lock_active(user_id: int) -> User:
    """Lock the account of whoever asks, before all else is locked, and return it as it is now.

    Whoever writes something personal calls it, so that nothing is left of who is erased meanwhile. Raises
    `TokenRevoked` where the account was deactivated or erased since the token was looked at.
    """
    user = lock_user(user_id)
    if not user.is_active:
        raise TokenRevoked
    return user


def lock_client(user_id: int) -> None:
    """Lock an account or a walk-in until the transaction ends, if it is still there."""
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


class Client(NamedTuple):
    """Somebody for whom something is booked or ordered."""

    id: int
    is_blocked: bool


def find_visible_client(actor: Actor, client_id: int) -> Client:
    """Return the active account for which the actor may book. Raises `NotFound` naming `client_id`.

    Whoever deactivates, erases or claims the client, or books for it too, waits until the transaction ends.
    """
    wanted = {"actor_id": actor.id, "client_id": client_id}
    found = db.session.execute(queries.client_visible_to(actor.role), wanted).one_or_none()
    if found is None:
        raise NotFound.naming("client_id")
    return Client(*found)


def create_user(actor: Actor, fields: dict[str, Any]) -> User:
    """Make an account of any role and leave the mail that invites its owner. Raises `EmailTaken`, `Invalid`."""
    user = User(**_with_keys(fields))
    with refusing("unique", EmailTaken):
        db.session.add(user)
    record("users.created", actor_id=actor.id, thing=user_thing(user.id), after={"role": user.role.value})
    mail_soon(INVITE, user.id)
    return user


def create_client(actor: Actor, fields: dict[str, Any]) -> User:
    """Write down a walk-in. Raises `EmailTaken` where anybody else has the email, `Invalid`."""
    client = User(has_login=False, **_with_keys(fields))
    write_walk_in(client)
    record("users.created", actor_id=actor.id, thing=user_thing(client.id), after={"has_login": False})
    return client


def write_walk_in(client: User) -> None:
    """Write a walk-in. Raises `EmailTaken` where anybody else has the email."""
    if client.email_key is not None:
        others = queries.with_email(client.email_key, but=client.id)
        if db.session.scalars(others).first() is not None:
            raise EmailTaken
    with refusing("unique", EmailTaken):
        db.session.add(client)


def change_profile(actor: Actor, changes: dict[str, Any]) -> User:
    """Change what the actor's own profile says, and return it.

    Raises `Invalid` for a number that cannot be, `TokenRevoked` where the account was deactivated or erased meanwhile.
    """
    user = lock_active(actor.id)
    apply_profile(user, changes)
    return user


def apply_profile(user: User, changes: dict[str, Any]) -> None:
    """Write the fields of a profile that are given. Raises `Invalid` for a number that cannot be."""
    if changes.get("phone"):
        changes["phone"] = normal_phone(changes["phone"], changes.get("country", user.country))
    for name, value in changes.items():
        setattr(user, name, value)
    db.session.flush()


def normal_phone(text: str, country: str | None) -> str:
    """Return a phone number in E.164, read as in `country` or else the business's. Raises `Invalid`."""
    try:
        return phone_in_e164(text, country or business.country)
    except ValueError:
        raise Invalid.field("phone", "Must be a phone number, best with its country code.") from None


def _with_keys(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a new account with the forms by which it is found."""
    made = dict(fields)
    if made.get("phone"):
        made["phone"] = normal_phone(made["phone"], made.get("country"))
    if made.get("email"):
        made["email_key"] = email_key(made["email"])
    return made
