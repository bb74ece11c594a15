"""Whose an email address is: proving it, and changing it."""

from typing import Any

from app.audit.service import record, user_thing
from app.extensions import db
from app.kit.errors import Invalid
from app.models import TokenPurpose, User
from app.security.actor import Actor
from app.transactions import refusing, transaction
from app.users.claiming import claim_walk_in
from app.users.contact import email_key
from app.users.errors import EmailTaken, LinkInvalid
from app.users.mails import CONFIRM, EMAIL_CHANGING, mail_soon
from app.users.one_time_tokens import issue, new_nonce, use
from app.users.passwords import confirm_password
from app.users.service import change_profile, lock_user


def change_own_profile(actor: Actor, changes: dict[str, Any]) -> User:
    """Change what the actor's own profile says; another address is asked for, and counts later.

    Raises `Invalid`; with an address also `WrongPassword` and `Busy`. No transaction is open while the password is
    checked.
    """
    email, password = changes.pop("email", None), changes.pop("current_password", None)
    if email is not None:
        if password is None:
            raise Invalid.field("current_password", "Is needed to change the address.")
        confirm_password(actor.id, password)
    with transaction():
        user = change_profile(actor, changes)
        if email is not None:
            ask_to_change(actor, email)
    return user


def ask_to_change(actor: Actor, email: str) -> None:
    """Leave a mail to the new address, which counts once it is confirmed, and a warning to the old one.

    Whether somebody has that address already is told only to whoever reads its mail.
    """
    user = db.session.get_one(User, actor.id)
    nonce = new_nonce()
    asked = issue(user, TokenPurpose.EMAIL_CHANGE, email, nonce)
    if asked is not None:
        mail_soon(CONFIRM, user.id, token_id=asked.id, nonce=nonce)
        mail_soon(EMAIL_CHANGING, user.id)
        record("users.email_change_asked", actor_id=user.id, thing=user_thing(user.id))


def verify(token: str) -> None:
    """Take a mailed token as the proof of its address: of the account's own, or of the one it changes to.

    Raises `LinkInvalid`, `EmailTaken`.
    """
    used = use(token, TokenPurpose.EMAIL_VERIFICATION, TokenPurpose.EMAIL_CHANGE)
    user = lock_user(used.user_id)
    if used.purpose is TokenPurpose.EMAIL_CHANGE:
        _change(user, used.email)
    prove(user, used.email)


def prove(user: User, email: str) -> None:
    """Note that the owner of the account reads the mail to `email`; a client without a login of that address is it.

    Raises `LinkInvalid` where the account has another address by now, or is in use no more.
    """
    if user.email_key != email_key(email) or not user.is_active:
        raise LinkInvalid
    if not user.email_verified:
        user.email_verified = True
        record("users.email_verified", actor_id=user.id, thing=user_thing(user.id))
    db.session.flush()
    claim_walk_in(user)


def _change(user: User, email: str) -> None:
    with refusing("unique", EmailTaken):
        user.email, user.email_key, user.email_verified = email, email_key(email), False
    record("users.email_changed", actor_id=user.id, thing=user_thing(user.id))
