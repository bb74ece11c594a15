"""Whose access token came with the request."""

from dataclasses import dataclass
from typing import cast

import structlog
from flask import g
from sqlalchemy import bindparam, select

from app import lookups
from app.kit.prepared import PREPARED
from app.models import AuthSession, Image, User
from app.security.actor import Account
from app.security.errors import TokenInvalid, TokenRevoked
from app.security.tokens import ACCESS, LARGEST_ID, ROLE, SESSION, VERSION, bearer_token, decode

_USERS, _SESSIONS, _IMAGES = User.__table__.c, AuthSession.__table__.c, Image.__table__.c


_OF_TOKEN = (
    select(
        *(_USERS[name] for name in Account._fields if name in _USERS),
        select(_IMAGES.key).where(_IMAGES.user_id == _USERS.id).scalar_subquery().label("avatar_key"),
    )
    .join_from(User.__table__, AuthSession.__table__, _SESSIONS.user_id == _USERS.id)
    .where(_USERS.id == bindparam("user_id"), _SESSIONS.id == bindparam("session_id"), _SESSIONS.ended_at.is_(None))
    .execution_options(**PREPARED)
)
"""Columns, made once: every signed-in request asks this."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """An account and the session it is signed in by.

    `is_stale` where the token was issued for another role than the account has now: it opens nothing any more, and a
    new one comes with the next refresh.
    """

    account: Account
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
    row = lookups.row(_OF_TOKEN, {"user_id": int(claims["sub"]), "session_id": claims[SESSION]})
    if row is None or not row.is_active or row.token_version != claims[VERSION]:
        raise TokenRevoked
    structlog.contextvars.bind_contextvars(user_id=row.id)
    return Bearer(Account._make(row), claims[SESSION], is_stale=row.role.value != claims[ROLE])
