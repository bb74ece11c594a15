"""Whose an email address is: proving it, and changing it."""

from typing import Any

from app.audit.service import record, user_thing
from app.extensions import db
from app.kit.errors import Invalid
from app.models import TokenPurpose, User
from app.security.actor import Actor
from app.transactions import refusing, transaction
from app.users.contact import email_key
from app.users.errors import EmailTaken, LinkInvalid, TooManyMails
from app.users.mails import CONFIRM, EMAIL_CHANGING, mail_soon
from app.users.one_time_tokens import find, issue, new_nonce, use
from app.users.service.accounts import apply_profile, change_profile, lock_user
from app.users.service.claiming import claim_walk_in
from app.users.service.confirmation import confirm_password, lock_confirmed

PROVING = (TokenPurpose.EMAIL_VERIFICATION, TokenPurpose.EMAIL_CHANGE)


def change_own_profile(actor: Actor, changes: dict[str, Any]) -> User:
    """Change what the actor's own profile says; another email is asked for, and counts later.

    Raises `Invalid`, `TokenRevoked`; with an email also `WrongPassword`, `TooManyMails` and `Busy`. No transaction is
    open while the password is checked.
    """
    email, password = changes.pop("email", None), changes.pop("current_password", None)
    if email is None:
        with transaction():
            return change_profile(actor, changes)
    if password is None:
        raise Invalid.field("current_password", "Is needed to change the email.")
    confirmed = confirm_password(actor.id, password)
    with transaction():
        user = lock_confirmed(confirmed)
        apply_profile(user, changes)
        _ask_to_change(user, email)
    return user


def verify_email(token: str) -> None:
    """Take a mailed token as the proof of its email: of the account's own, or of the one it changes to.

    Raises `LinkInvalid`, `EmailTaken`.
    """
    user = lock_user(find(token, *PROVING).user_id)
    used = use(token, *PROVING)
    if used.purpose is TokenPurpose.EMAIL_CHANGE:
        _change(user, used.email)
    prove(user, used.email)


def prove(user: User, email: str) -> None:
    """Note that the owner of the account, which is locked, reads the mail to `email`; a walk-in of that email is it.

    Raises `LinkInvalid` where the account has another email by now, or is in use no more.
    """
    if user.email_key != email_key(email) or not user.is_active:
        raise LinkInvalid
    if not user.email_verified:
        user.email_verified = True
        record("users.email_verified", actor_id=user.id, thing=user_thing(user.id))
    db.session.flush()
    claim_walk_in(user)


def _ask_to_change(user: User, email: str) -> None:
    """Leave a mail to the new email, which counts once it is confirmed, and a warning to the old one.

    Whether somebody has that email already is told only to whoever reads its mail. Raises `TooManyMails`.
    """
    nonce = new_nonce()
    asked = issue(user, TokenPurpose.EMAIL_CHANGE, email, nonce)
    if asked is None:
        raise TooManyMails
    mail_soon(CONFIRM, user.id, token_id=asked.id, nonce=nonce)
    mail_soon(EMAIL_CHANGING, user.id)
    record("users.email_change_asked", actor_id=user.id, thing=user_thing(user.id))


def _change(user: User, email: str) -> None:
    with refusing("unique", EmailTaken):
        user.email, user.email_key, user.email_verified = email, email_key(email), False
    record("users.email_changed", actor_id=user.id, thing=user_thing(user.id))
