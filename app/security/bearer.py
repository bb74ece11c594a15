"""Whose access token came with the request."""

from dataclasses import dataclass
from typing import cast

import structlog
from flask import g
from sqlalchemy import select

from app.extensions import db
from app.models import AuthSession, User
from app.security.errors import TokenInvalid, TokenRevoked
from app.security.tokens import ACCESS, LARGEST_ID, ROLE, SESSION, VERSION, bearer_token, decode


@dataclass(frozen=True, slots=True)
class Bearer:
    """An account and the session it is signed in by.

    `is_stale` where the token was issued for another role than the account has now: it opens nothing any more, and a
    new one comes with the next refresh.
    """

    user: User
    session_id: int
    is_stale: bool


def present_bearer() -> Bearer:
    """Return the bearer of this request's access token, looked up in one query, once.

    Raises `TokenMissing`, `TokenInvalid`, `TokenExpired`, or `TokenRevoked` where the account is gone or inactive, the
    session has ended, or the account has ended its tokens.
    """
    if "bearer" not in g:
        g.bearer = bearer_of(bearer_token())
    return cast(Bearer, g.bearer)


def bearer_of(access_token: str) -> Bearer:
    """Return the bearer of an access token, looked up in one query. Raises as `present_bearer` does."""
    claims = decode(ACCESS, access_token)
    if any(claims.get(name) is None for name in (SESSION, VERSION, ROLE)):
        raise TokenInvalid
    if type(claims[SESSION]) is not int or not 0 < claims[SESSION] <= LARGEST_ID:
        raise TokenInvalid
    user = db.session.scalars(
        select(User)
        .join(AuthSession, AuthSession.user_id == User.id)
        .where(User.id == int(claims["sub"]), AuthSession.id == claims[SESSION], AuthSession.ended_at.is_(None))
    ).one_or_none()
    if user is None or not user.is_active or user.token_version != claims[VERSION]:
        raise TokenRevoked
    structlog.contextvars.bind_contextvars(user_id=user.id)
    return Bearer(user, claims[SESSION], is_stale=user.role.value != claims[ROLE])
