"""Access tokens: HS256 JWTs that say who, never what they may do; the role always comes from the account's row."""

import re
from datetime import timedelta
from typing import Any

import jwt
from flask import Flask, current_app, request
from flask_jwt_extended import create_access_token

from app.extensions import db
from app.models import User
from app.security.errors import TokenExpired, TokenInvalid, TokenMissing, TokenRevoked

ALGORITHM = "HS256"
ISSUER = "parlour"
REQUIRED = frozenset({"exp", "iat", "nbf", "sub", "jti", "iss", "aud", "type", "ver"})
"""Claims without which a token is refused; PyJWT by itself accepts tokens that never expire."""

_BEARER = re.compile(r"bearer +([\w.-]+)", re.ASCII | re.IGNORECASE)
"""RFC 6750 §2.1; the scheme's case does not count (RFC 9110 §11.1). Several credentials in one header are none."""

_SUBJECT = re.compile(r"[0-9]{1,18}")

VERSION = "ver"
"""The claim that must equal the account's `token_version`."""


def configure(app: Flask) -> None:
    """Issue tokens as we accept them: one algorithm, one issuer, one audience."""
    app.config.update(
        JWT_ALGORITHM=ALGORITHM,
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_ENCODE_AUDIENCE=ISSUER,
        JWT_ENCODE_NBF=True,
        JWT_COOKIE_CSRF_PROTECT=False,  # no cookies: no claim for them
    )


def issue_access_token(user: User) -> str:
    """Return a new access token of the account."""
    token: str = create_access_token(identity=str(user.id), additional_claims={VERSION: user.token_version})
    return token


def user_of_request() -> User:
    """Return the account whose access token came with the request, in one query.

    Raises `TokenMissing`, `TokenInvalid`, `TokenExpired`, or `TokenRevoked` where the account is gone, inactive, or
    has ended its tokens.
    """
    claims = _verified_claims()
    user = db.session.get(User, int(claims["sub"]))
    if user is None or not user.is_active or user.token_version != claims[VERSION]:
        raise TokenRevoked
    return user


def _verified_claims() -> dict[str, Any]:
    try:
        claims = _decoded(_bearer_token())
    except jwt.ExpiredSignatureError as error:
        raise TokenExpired from error
    except (jwt.PyJWTError, ValueError) as error:
        raise TokenInvalid from error
    if claims["type"] != "access" or not _SUBJECT.fullmatch(claims["sub"]):
        raise TokenInvalid
    return claims


def _bearer_token() -> str:
    header = request.headers.get("Authorization", "").strip()
    if header.partition(" ")[0].lower() != "bearer":
        raise TokenMissing
    match = _BEARER.fullmatch(header)
    if match is None:
        raise TokenInvalid
    return match[1]


def _decoded(token: str) -> dict[str, Any]:
    return jwt.decode(
        token,
        current_app.config["JWT_SECRET_KEY"],
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        audience=ISSUER,
        options={"require": sorted(REQUIRED)},
    )


def access_token_seconds() -> int:
    """Return how long a new access token lives."""
    lifetime: timedelta = current_app.config["JWT_ACCESS_TOKEN_EXPIRES"]
    return int(lifetime.total_seconds())
