"""Tokens that are mailed and work once: whoever has one, reads that mailbox.

A token is derived from a nonce by the server's key, when it is written into its mail, and kept as a hash: neither the
tables nor the outbox hold anything that could be used. Where keys are being changed, those of before are tried as well.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, func, select, update

from app.extensions import db
from app.kit.clock import utcnow
from app.models import OneTimeToken, TokenPurpose, User
from app.users.errors import LinkInvalid

LIFETIMES = {
    TokenPurpose.PASSWORD_RESET: timedelta(hours=1),
    TokenPurpose.INVITATION: timedelta(days=7),
    TokenPurpose.EMAIL_VERIFICATION: timedelta(days=3),
    TokenPurpose.EMAIL_CHANGE: timedelta(days=1),
}

MOST_AN_HOUR = 5
"""Mails of one purpose to one account; more would be a nuisance that anybody could cause."""


def new_nonce() -> str:
    """Return what a token is derived from; worthless without the server's key."""
    return secrets.token_urlsafe(24)


def token_of(issued: OneTimeToken, nonce: str) -> str | None:
    """Return the token that was issued for a nonce, also where that was by a key of before; None where that is gone."""
    return next((token for token in _tokens(issued.purpose, nonce) if _hash(token) == issued.token_hash), None)


def issue(user: User, purpose: TokenPurpose, email: str, nonce: str) -> OneTimeToken | None:
    """Write down the token of `nonce`, for the mailbox `email`; those of the purpose before it end.

    The same nonce again is the same token. None where that one works no more, or `MOST_AN_HOUR` is reached. The account
    is locked: so there are no more of them.
    """
    hashes = [_hash(token) for token in _tokens(purpose, nonce)]
    known = db.session.scalars(select(OneTimeToken).where(OneTimeToken.token_hash.in_(hashes))).first()
    if known is not None:
        return known if known.used_at is None else None
    now = utcnow()
    own = (OneTimeToken.user_id == user.id, OneTimeToken.purpose == purpose)
    last_hour = OneTimeToken.created_at > now - timedelta(hours=1)
    recent = select(func.count()).select_from(OneTimeToken).where(*own, last_hour)
    if db.session.execute(recent).scalar_one() >= MOST_AN_HOUR:
        return None
    db.session.execute(update(OneTimeToken).where(*own, OneTimeToken.used_at.is_(None)).values(used_at=now))
    issued = OneTimeToken(user_id=user.id, purpose=purpose, token_hash=hashes[0], email=email)
    issued.created_at, issued.expires_at = now, now + LIFETIMES[purpose]
    db.session.add(issued)
    db.session.flush()
    return issued


def end_all(user: User) -> None:
    """Let no link that was mailed for an account work any more, whatever it was for."""
    good = (OneTimeToken.user_id == user.id, OneTimeToken.used_at.is_(None))
    db.session.execute(update(OneTimeToken).where(*good).values(used_at=utcnow()))


def find(token: str, *purposes: TokenPurpose) -> OneTimeToken:
    """Return a token that would work now. Raises `LinkInvalid`."""
    found = db.session.scalars(select(OneTimeToken).where(*_is_good(token, purposes))).one_or_none()
    if found is None:
        raise LinkInvalid
    return found


def use(token: str, *purposes: TokenPurpose) -> OneTimeToken:
    """Use a token up, in the one statement that decides who was first. Raises `LinkInvalid`."""
    using = update(OneTimeToken).where(*_is_good(token, purposes)).values(used_at=utcnow()).returning(OneTimeToken)
    used = db.session.scalars(using, execution_options={"populate_existing": True}).one_or_none()
    if used is None:
        raise LinkInvalid
    return used


def _is_good(token: str, purposes: tuple[TokenPurpose, ...]) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeToken.token_hash == _hash(token),
        OneTimeToken.purpose.in_(purposes),
        OneTimeToken.used_at.is_(None),
        OneTimeToken.expires_at > utcnow(),
    )


def _tokens(purpose: TokenPurpose, nonce: str) -> list[str]:
    """Return the tokens of a nonce, the same each time: that of the key that signs now, then those of older ones."""
    keys: tuple[bytes, ...] = current_app.config["ONE_TIME_KEYS"]
    digests = [hmac.digest(key, f"{purpose.value}:{nonce}".encode(), "sha256") for key in keys]
    return [base64.urlsafe_b64encode(digest).decode().rstrip("=") for digest in digests]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
