"""Sessions: begun by a sign-in, renewed by refresh tokens that work once, ended by their owner or by a thief's mistake.

A refresh token is spent when used, and its successor is derived from it, so that two browser tabs that renew at the
same moment get the same one. Used again after `GRACE`, it has been copied: the whole session ends (RFC 9700 §4.14.2).
The database knows only hashes.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, select, update

from app.extensions import db
from app.kit.clock import utcnow
from app.kit.origin import present_origin
from app.models import AuthSession, RefreshToken, User
from app.security.errors import TokenInvalid, TokenReused, TokenRevoked
from app.security.tokens import ACCESS, REFRESH, ROLE, SESSION, VERSION, Lifespan, decode, encode, lifetime

GRACE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client needs to act as the account; `expires_in` in seconds."""

    user: User
    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105  # the scheme's name, RFC 6750


def begin_session(user: User) -> Tokens:
    """Begin a session of the account, for as long as refresh tokens live, and return its first tokens."""
    now = utcnow()
    session = AuthSession(
        user_id=user.id,
        created_at=now,
        last_used_at=now,
        expires_at=now + lifetime(REFRESH),
        user_agent=present_origin().user_agent[:300],
    )
    db.session.add(session)
    db.session.flush()
    first = secrets.token_urlsafe(32)
    _remember(session.id, first, now)
    return _tokens(user, session, first, now)


def renew_session(refresh_token: str) -> Tokens:
    """Spend a refresh token and return new tokens, or the same ones again to whoever asks within `GRACE`.

    Raises `TokenInvalid`, `TokenExpired`, `TokenRevoked`; and `TokenReused`, on which the session must be ended in a
    transaction that commits.
    """
    token_id = decode(REFRESH, refresh_token)["jti"]
    now = utcnow()
    fresh = _spend(token_id, now)
    spent = fresh or _find(token_id)
    used_at = spent.used_at or now
    if now - used_at > GRACE:
        raise TokenReused(spent.session_id)
    user, session = _living(spent.session_id, now)
    if fresh is None:
        return _tokens(user, session, _known_successor(token_id), used_at)
    successor = _successor(token_id)
    _remember(session.id, successor, now)
    session.last_used_at = now
    return _tokens(user, session, successor, used_at)


def list_sessions(user_id: int) -> Select[AuthSession]:
    """Return the select of an account's living sessions."""
    return select(AuthSession).where(AuthSession.user_id == user_id, *_is_living(utcnow()))


def end_session(user_id: int, session_id: int) -> bool:
    """End one living session of an account; say whether there was one. Its tokens stop working at once."""
    return _end(AuthSession.user_id == user_id, AuthSession.id == session_id) != []


def end_family(session_id: int) -> int | None:
    """End the session whose refresh token was used twice; return whose it was, None where it had ended before."""
    owners = _end(AuthSession.id == session_id)
    return owners[0] if owners else None


def end_all_sessions(user: User) -> None:
    """End everything that an account, locked before, is signed in with; its tokens stop working at once."""
    _end(AuthSession.user_id == user.id)
    user.token_version = User.token_version + 1
    db.session.flush()


def _end(*which: ColumnElement[bool]) -> list[int]:
    """End the living sessions among these; return whose they were."""
    now = utcnow()
    ending = update(AuthSession).where(*which, *_is_living(now)).values(ended_at=now).returning(AuthSession.user_id)
    return list(db.session.scalars(ending))


def _is_living(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (AuthSession.ended_at.is_(None), AuthSession.expires_at > now)


def _spend(token_id: str, now: datetime) -> RefreshToken | None:
    """Mark the token used, in the one statement that decides who was first; None where somebody was before."""
    unspent = (RefreshToken.token_hash == _hash(token_id), RefreshToken.used_at.is_(None))
    spending = update(RefreshToken).where(*unspent).values(used_at=now).returning(RefreshToken)
    return db.session.scalars(spending).one_or_none()


def _find(token_id: str) -> RefreshToken:
    known = db.session.scalars(select(RefreshToken).where(RefreshToken.token_hash == _hash(token_id))).one_or_none()
    if known is None:
        raise TokenInvalid
    return known


def _living(session_id: int, now: datetime) -> tuple[User, AuthSession]:
    found = db.session.execute(
        select(User, AuthSession)
        .join(User, User.id == AuthSession.user_id)
        .where(AuthSession.id == session_id, User.is_active, *_is_living(now))
    ).one_or_none()
    if found is None:
        raise TokenRevoked
    user, session = found
    return user, session


def _remember(session_id: int, token_id: str, now: datetime) -> None:
    db.session.add(RefreshToken(session_id=session_id, token_hash=_hash(token_id), issued_at=now))
    db.session.flush()


def _tokens(user: User, session: AuthSession, token_id: str, issued_at: datetime) -> Tokens:
    now = utcnow()
    until = min(now + lifetime(ACCESS), session.expires_at)
    access = encode(
        ACCESS,
        user_id=user.id,
        token_id=secrets.token_urlsafe(16),
        lifespan=Lifespan(now, until),
        **{SESSION: session.id, VERSION: user.token_version, ROLE: user.role.value},
    )
    whole = Lifespan(issued_at, session.expires_at)
    refresh = encode(REFRESH, user_id=user.id, token_id=token_id, lifespan=whole)
    return Tokens(user, access, refresh, int((until - now).total_seconds()))


def _successor(token_id: str) -> str:
    """Return the id of the token that follows; only the server's key makes it."""
    return _derived(token_id, current_app.config["SUCCESSOR_KEYS"][0])


def _known_successor(token_id: str) -> str:
    """Return the id of the token that was issued after this one, also where another process signs by another key.

    Raises `TokenInvalid` where that key is not among ours.
    """
    successors = [_derived(token_id, key) for key in current_app.config["SUCCESSOR_KEYS"]]
    by_hash = {_hash(successor): successor for successor in successors}
    known = db.session.scalars(select(RefreshToken.token_hash).where(RefreshToken.token_hash.in_(by_hash))).first()
    if known is None:
        raise TokenInvalid
    return by_hash[known]


def _derived(token_id: str, key: bytes) -> str:
    return hmac.new(key, token_id.encode(), hashlib.sha256).hexdigest()


def _hash(token_id: str) -> str:
    return hashlib.sha256(token_id.encode()).hexdigest()
