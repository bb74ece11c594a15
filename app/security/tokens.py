"""Access tokens: HS256 JWTs that say who, never what they may do; the role always comes from the account's row."""

import re
from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from flask_jwt_extended import create_access_token, get_jwt, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException, NoAuthorizationError
from jwt.exceptions import ExpiredSignatureError, PyJWTError

from app.extensions import db
from app.models import User
from app.security.errors import TokenExpired, TokenInvalid, TokenMissing, TokenRevoked

ISSUER = "parlour"
REQUIRED = frozenset({"exp", "iat", "nbf", "sub", "jti", "iss", "aud", "type", "ver"})
"""Claims without which a token is refused; PyJWT by itself accepts tokens that never expire."""

_SUBJECT = re.compile(r"[0-9]{1,18}")

VERSION = "ver"
"""The claim that must equal the account's `token_version`."""


def configure(app: Flask) -> None:
    """Accept one algorithm, one issuer, one audience, and tokens in the Authorization header alone."""
    app.config.update(
        JWT_ALGORITHM="HS256",
        JWT_DECODE_ALGORITHMS=["HS256"],
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_AUDIENCE=ISSUER,
        JWT_DECODE_AUDIENCE=ISSUER,
        JWT_ENCODE_NBF=True,
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
        verify_jwt_in_request()
    except NoAuthorizationError as error:
        raise TokenMissing from error
    except ExpiredSignatureError as error:
        raise TokenExpired from error
    except (JWTExtendedException, PyJWTError, ValueError) as error:
        raise TokenInvalid from error
    claims: dict[str, Any] = get_jwt()
    if any(claims.get(name) is None for name in REQUIRED) or not _SUBJECT.fullmatch(claims["sub"]):
        raise TokenInvalid
    return claims


def access_token_seconds() -> int:
    """Return how long a new access token lives."""
    lifetime: timedelta = current_app.config["JWT_ACCESS_TOKEN_EXPIRES"]
    return int(lifetime.total_seconds())
