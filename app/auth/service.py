"""Registering and signing in. Passwords are hashed outside any transaction: a hash takes a quarter of a second."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.auth.errors import AccountDisabled, EmailTaken, InvalidCredentials, OwnerSignupClosed
from app.auth.password_rules import check_password
from app.extensions import business, db
from app.models import Role, User
from app.security.passwords import burn_password_check, hash_password, verify_password
from app.security.tokens import access_token_seconds, issue_access_token
from app.transactions import reading, refusing, transaction
from app.users.contact import email_key, email_key_of_anything
from app.users.service import normal_phone


@dataclass(frozen=True, slots=True)
class Session:
    """An account and the token to act as it; `expires_in` in seconds."""

    user: User
    access_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105  # the scheme's name, RFC 6750


def register(fields: dict[str, Any]) -> Session:
    """Make an account and sign it in. Raises `EmailTaken`, `OwnerSignupClosed`, `Invalid`."""
    password = fields.pop("password")
    role = Role(fields.pop("role"))
    if role is Role.OWNER and not business.owner_signup:
        raise OwnerSignupClosed
    check_password(password, fields["email"], business.name)
    if fields.get("phone"):
        fields["phone"] = normal_phone(fields["phone"], fields.get("country"))
    user = User(role=role, email_key=email_key(fields["email"]), password_hash=hash_password(password), **fields)
    with transaction(), refusing("unique", EmailTaken):
        db.session.add(user)
    return _session(user)


def login(*, email: str, password: str) -> Session:
    """Sign in. Raises `InvalidCredentials` alike for unknown addresses and wrong passwords, `AccountDisabled`."""
    with reading():
        user = db.session.scalars(select(User).where(User.email_key == email_key_of_anything(email))).one_or_none()
        stored = user.password_hash if user else None
    if user is None or stored is None:
        burn_password_check(password)
        raise InvalidCredentials
    if not verify_password(password, stored):
        raise InvalidCredentials
    if not user.is_active:
        raise AccountDisabled
    return _session(user)


def _session(user: User) -> Session:
    return Session(user, issue_access_token(user), access_token_seconds())
