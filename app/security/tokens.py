"""Access and refresh tokens: HS256 JWTs that say who, and for which session; what they may do stands in the account.

PyJWT verifies the signature; the claims are checked here, each is required, and times are read from our clock. Of
several keys the first one signs, and all verify, so that keys can be changed without ending sessions.

An access token comes with each request for as long as it lives: that its signature is right is remembered. Whether it
is in its time, and whether its session and account still are, is asked each time.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import jwt
import orjson
from flask import current_app, request
from jwt.algorithms import HMACAlgorithm

from app.kit.clock import utcnow
from app.security.errors import TokenExpired, TokenInvalid, TokenMissing

ALGORITHM = "HS256"
ISSUER = "parlour"
_KINDS = {"iss": str, "aud": str, "sub": str, "jti": str, "type": str, "iat": int, "nbf": int, "exp": int}
"""The claims of every token; `True` is no number."""

SESSION, VERSION, ROLE = "sid", "ver", "role"
"""Claims of ours: the session, the account's `token_version`, and the role that the token was issued for."""

Claims = Mapping[str, Any]
"""What a token says; not to be changed: the next request with this token is told the same."""

MOST_REMEMBERED = 1024
"""How many access tokens a process remembers, 1 kB each; those that were not used for longest are verified again."""

SKEW_SECONDS = 5
"""How far the clocks of two servers may lie apart: a token may seem that much too young."""

_BEARER = re.compile(r"bearer +([\w.-]+)", re.ASCII | re.IGNORECASE)
"""RFC 6750 §2.1; the scheme's case does not count (RFC 9110 §11.1). Several credentials in one header are none."""

_NUMBER = re.compile(r"[0-9]{1,18}")
_TOKEN_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
LARGEST_ID = 2**63 - 1


class _Hmac(HMACAlgorithm):
    """HMAC by keys that PyJWT has looked at once: whether one is a certificate takes as long as a token's signature."""

    def prepare_key(self, key: str | bytes) -> bytes:
        """Return the key as bytes. Raises `InvalidKeyError` for what is a public key or a certificate."""
        return _prepared(key)


@cache
def _prepared(key: str | bytes) -> bytes:
    return HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(key)


_JWS = jwt.PyJWS(algorithms=[])
_JWS.register_algorithm(ALGORITHM, _Hmac(HMACAlgorithm.SHA256))


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two kinds of tokens: its `type`, and where its keys and lifetime are configured."""

    type: str
    keys: str
    lifetime: str


ACCESS = Kind("access", "ACCESS_KEYS", "ACCESS_LIFETIME")
REFRESH = Kind("refresh", "REFRESH_KEYS", "REFRESH_LIFETIME")


@dataclass(frozen=True, slots=True)
class Lifespan:
    """From when until when a token is good."""

    issued_at: datetime
    expires_at: datetime


def lifetime(kind: Kind) -> timedelta:
    """Return how long tokens of the kind live."""
    configured: timedelta = current_app.config[kind.lifetime]
    return configured


def encode(kind: Kind, *, user_id: int, token_id: str, lifespan: Lifespan, **claims: Any) -> str:
    """Return a signed token; the same for the same arguments, as long as the first key stays."""
    issued_at = int(lifespan.issued_at.timestamp())
    standard = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": str(user_id),
        "jti": token_id,
        "iat": issued_at,
        "nbf": issued_at,
        "exp": int(lifespan.expires_at.timestamp()),
        "type": kind.type,
    }
    return jwt.encode({**standard, **claims}, current_app.config[kind.keys][0], algorithm=ALGORITHM)


def decode(kind: Kind, token: str) -> Claims:
    """Return the claims of a token of ours, of this kind, in its time. Raises `TokenInvalid`, `TokenExpired`."""
    claims = (_remembered if kind is ACCESS else _signed)(tuple(current_app.config[kind.keys]), token)
    if claims["type"] != kind.type:
        raise TokenInvalid
    now = utcnow().timestamp()
    if now >= claims["exp"]:
        raise TokenExpired
    if now < max(claims["nbf"], claims["iat"]) - SKEW_SECONDS:
        raise TokenInvalid
    return claims


def bearer_token() -> str:
    """Return the request's bearer token. Raises `TokenMissing`, `TokenInvalid` for what cannot be one."""
    header = request.headers.get("Authorization", "").strip()
    if header.partition(" ")[0].lower() != "bearer":
        raise TokenMissing
    match = _BEARER.fullmatch(header)
    if match is None:
        raise TokenInvalid
    return match[1]


def _is_ours(claims: Any) -> bool:
    """Say whether the claims are all that we write, of the kinds that we write them."""
    if not isinstance(claims, dict) or not claims.keys() >= _KINDS.keys():
        return False
    if any(type(claims[name]) is not kind for name, kind in _KINDS.items()):
        return False
    return bool(
        claims["iss"] == ISSUER == claims["aud"]
        and _NUMBER.fullmatch(claims["sub"])
        and _TOKEN_ID.fullmatch(claims["jti"])
    )


def _signed(keys: Sequence[str], token: str) -> Claims:
    """Return the claims of a token that one of the keys has signed, all of them there. Raises `TokenInvalid`."""
    claims = _loaded(keys, token)
    if not _is_ours(claims):
        raise TokenInvalid
    return MappingProxyType(claims)


_remembered = lru_cache(maxsize=MOST_REMEMBERED)(_signed)
"""The same. What it raises is not remembered, so that nobody who makes up tokens drives out those that are good."""


def _loaded(keys: Sequence[str], token: str) -> Any:
    for key in keys:
        try:
            return orjson.loads(_JWS.decode(token, key, algorithms=[ALGORITHM]))
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError) as error:
            raise TokenInvalid from error
    raise TokenInvalid
