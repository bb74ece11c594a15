"""Changing somebody's account: its owner the profile, an admin also what it may do."""

from typing import Any

from app.audit.service import record, user_thing
from app.extensions import db
from app.kit.errors import Forbidden, Invalid
from app.models import Role, User
from app.security.actor import Actor
from app.security.sessions import end_all_sessions
from app.users.admins import keep_an_admin, lock_account
from app.users.contact import email_key
from app.users.errors import AccountErased
from app.users.events import powers_changed
from app.users.one_time_tokens import end_all
from app.users.service.accounts import apply_profile, change_profile, require_visible, write_walk_in

POWERS = {"role": "role", "is_active": "is_active", "is_blocked": "blocked"}
"""What an account may do, and the names under which the API shows it."""

ADMINS_ALONE = POWERS | {"email": "email"}

ACTIONS = {
    ("is_active", True): "users.activated",
    ("is_active", False): "users.deactivated",
    ("is_blocked", True): "users.blocked",
    ("is_blocked", False): "users.unblocked",
}
"""What the audit log calls a change; of the role: `users.role_changed`."""


def change_user(actor: Actor, user_id: int, changes: dict[str, Any]) -> User:
    """Change the fields given of a visible account, and return it.

    Raises `NotFound`, `Forbidden` for the account of somebody else, `Invalid`, `TokenRevoked`; where an admin asks also
    `LastAdmin`, `AccountErased` and `EmailTaken`. A role change needs no end of sessions: tokens of the old role open
    nothing.
    """
    require_visible(actor, user_id)
    if actor.role is Role.ADMIN:
        return _administer(actor, lock_account(user_id), changes)
    if user_id != actor.id:
        raise Forbidden
    unknown = [shown for name, shown in ADMINS_ALONE.items() if name in changes]
    if unknown:
        raise Invalid(errors={name: ["Unknown field."] for name in unknown})
    return change_profile(actor, changes)


def deactivate_user(actor: Actor, user_id: int) -> None:
    """Let nobody sign in with the account, or book for the client; its sessions and mailed links end.

    Raises `NotFound`, `LastAdmin`.
    """
    _change_powers(actor, lock_account(user_id), {"is_active": False})


def _administer(actor: Actor, user: User, changes: dict[str, Any]) -> User:
    if user.erased_at is not None:
        raise AccountErased
    _change_powers(actor, user, {name: value for name, value in changes.items() if name in POWERS})
    profile = {name: value for name, value in changes.items() if name not in ADMINS_ALONE}
    apply_profile(user, profile)
    if "email" in changes:
        _change_email(user, changes["email"])
    told = sorted(changes.keys() - POWERS)
    if told:
        record("users.changed", actor_id=actor.id, thing=user_thing(user.id), after={"fields": told})
    return user


def _change_powers(actor: Actor, user: User, wanted: dict[str, Any]) -> None:
    changed = {name: value for name, value in wanted.items() if value != getattr(user, name)}
    if "role" in changed and not user.has_login:
        raise Invalid.field("role", "A walk-in stays a client.")
    if "role" in changed or changed.get("is_active") is False:
        keep_an_admin(user)
    for name, value in changed.items():
        _record(actor, user, name, value)
        setattr(user, name, value)
    if changed.get("is_active") is False:
        end_all_sessions(user)
        end_all(user)
    db.session.flush()
    if changed.keys() & {"role", "is_active"}:
        powers_changed.send(user)


def _record(actor: Actor, user: User, name: str, value: Any) -> None:
    shown = POWERS[name]
    record(
        ACTIONS.get((name, value), "users.role_changed"),
        actor_id=actor.id,
        thing=user_thing(user.id),
        before={shown: getattr(user, name)},
        after={shown: value},
    )


def _change_email(user: User, email: str | None) -> None:
    """Change the email of a walk-in; an account's is its owner's to change, who has to prove it."""
    if user.has_login:
        raise Invalid.field("email", "The owner of an account changes its email.")
    user.email, user.email_key = email, None if email is None else email_key(email)
    write_walk_in(user)
