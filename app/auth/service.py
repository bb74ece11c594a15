"""Registering, signing in and out. Passwords are hashed outside any transaction: a hash takes a quarter of a second."""

from typing import Any

from app.audit.service import record, user_thing
from app.auth.errors import AccountDisabled, InvalidCredentials, OwnerSignupClosed
from app.extensions import business, db
from app.kit.errors import NotFound
from app.models import AuthSession, Role, User
from app.security.errors import TokenReused
from app.security.passwords import Busy, hash_password, is_outdated
from app.security.sessions import Tokens, begin_session, end_all_sessions, end_family, end_session, renew_session
from app.transactions import reading, refusing, transaction
from app.users.contact import email_key, email_key_of_anything
from app.users.errors import EmailTaken, WrongPassword
from app.users.mails import VERIFY, mail_soon
from app.users.password_rules import check_password
from app.users.service import count_failure, get_account, is_password_of, lock_confirmed, lock_user, normal_phone


def register(fields: dict[str, Any]) -> Tokens:
    """Make an account and sign it in. Raises `EmailTaken`, `OwnerSignupClosed`, `Invalid`."""
    password = fields.pop("password")
    role = Role(fields.pop("role"))
    if role is Role.OWNER and not business.owner_signup:
        raise OwnerSignupClosed
    check_password(password, fields["email"])
    if fields.get("phone"):
        fields["phone"] = normal_phone(fields["phone"], fields.get("country"))
    user = User(role=role, email_key=email_key(fields["email"]), password_hash=hash_password(password), **fields)
    with transaction():
        with refusing("unique", EmailTaken):
            db.session.add(user)
        record("auth.registered", actor_id=user.id, thing=user_thing(user.id))
        mail_soon(VERIFY, user.id)
        return begin_session(user)


def login(*, email: str, password: str) -> Tokens:
    """Sign in. Raises `InvalidCredentials` alike for unknown emails and wrong passwords, `AccountDisabled`."""
    key = email_key_of_anything(email)
    with reading():
        user = get_account(key)
    if is_password_of(user, password) and user is not None:
        return _enter(user, password)
    with transaction():
        count_failure(key)
        record("auth.login_failed", actor_id=None, thing=user_thing(user.id if user else None))
    raise InvalidCredentials


def refresh(refresh_token: str) -> Tokens:
    """Return new tokens for a refresh token; one that comes back late ends its session. Raises what `renew_session`
    raises."""
    try:
        with transaction():
            return renew_session(refresh_token)
    except TokenReused as reuse:
        with transaction():
            owner_id = end_family(reuse.session_id)
            if owner_id is not None:
                record("auth.token_reused", actor_id=None, thing=user_thing(owner_id))
        raise


def logout(*, user_id: int, session_id: int) -> None:
    """End the session that the caller is signed in by."""
    end_session(user_id, session_id)
    record("auth.logout", actor_id=user_id, thing=user_thing(user_id))


def logout_elsewhere(*, user_id: int, session_id: int) -> None:
    """End one of the caller's sessions. Raises `NotFound` for any other, and for one that has ended."""
    if not end_session(user_id, session_id):
        raise NotFound
    record("auth.logout", actor_id=user_id, thing=user_thing(user_id))


def logout_everywhere(*, user_id: int) -> None:
    """End all sessions of the caller."""
    end_all_sessions(lock_user(user_id))
    record("auth.logout_all", actor_id=user_id, thing=user_thing(user_id))


def shown(session: AuthSession, current_id: int) -> dict[str, Any]:
    """Return a session as its owner sees it, from within the session `current_id`."""
    shown = {name: getattr(session, name) for name in ("id", "created_at", "last_used_at", "expires_at", "user_agent")}
    return shown | {"current": session.id == current_id}


def _enter(user: User, password: str) -> Tokens:
    """Begin a session, unless the account has changed since its password was checked."""
    if not user.is_active:
        with transaction():
            record("auth.login_refused", actor_id=user.id, thing=user_thing(user.id))
        raise AccountDisabled
    renewed = _renewed_hash(user, password)
    with transaction():
        now = _lock(user)
        now.password_hash, now.failed_logins = renewed, 0
        record("auth.login", actor_id=user.id, thing=user_thing(user.id))
        return begin_session(now)


def _lock(user: User) -> User:
    try:
        return lock_confirmed(user)
    except WrongPassword:
        raise InvalidCredentials from None


def _renewed_hash(user: User, password: str) -> str | None:
    """Return the hash of the account's password at the present cost; the old one while too many are being made."""
    stored = user.password_hash
    try:
        return hash_password(password) if stored and is_outdated(stored) else stored
    except Busy:
        return stored
