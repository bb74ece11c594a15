"""Who is counted: the account of an access token, the account that a body names, or the network address.

All of it comes from the request alone, before the database is asked. Callers are known as keyed hashes only.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_network
from typing import Any, Final, cast

from flask import Flask, current_app, g, request

from app.kit.errors import Unauthorized
from app.kit.keys import derive_key
from app.kit.networks import read_address
from app.security.guards import guard_of, requested_view
from app.security.tokens import ACCESS, Claims, bearer_token, decode

LONGEST_EMAIL: Final = 254
"""What is longer is refused by the shape of every body that has an email."""

IPV6_NETWORK: Final = 64
"""The bits that one customer of a network provider usually has to himself are those after these."""

MOST_ADDRESSES: Final = 1024
"""How many addresses are remembered with their hashes: most callers ask several times."""

HASH_KEY: Final = "limit_hash"


def install(app: Flask, key_of_email: Callable[[str], str]) -> None:
    """Know the callers of `app`; `key_of_email` gives all spellings of an email one form."""
    app.extensions[HASH_KEY] = derive_key(app.extensions["settings"].secret_key, "limits")
    app.extensions["key_of_email"] = key_of_email


def caller() -> str:
    """Return who is asking: the account of a validly signed access token, or else the network address."""
    return _user() or address()


def address() -> str:
    """Return where the request comes from, as a hash: the address, of IPv6 ones the network of 64 bits."""
    return address_hash(request.remote_addr or "", _key())


@lru_cache(MOST_ADDRESSES)
def address_hash(text: str, key: bytes) -> str:
    """Return an address as `address` does, from how it is written."""
    found = read_address(text)
    place = ip_network((found, IPV6_NETWORK), strict=False) if isinstance(found, IPv6Address) else found
    return _hashed("address", str(place), key)


def account() -> str:
    """Return the account whose credentials are tried, as a hash; empty where the request names none."""
    if "limited_account" not in g:
        g.limited_account = _account_in_body() or _user()
    return cast(str, g.limited_account)


def access_claims() -> Claims:
    """Return what a validly signed access token says, which is looked up nowhere; nothing where there is none."""
    if "limited_claims" not in g:
        try:
            g.limited_claims = decode(ACCESS, _access_token())
        except Unauthorized:
            g.limited_claims = {}
    return cast(Claims, g.limited_claims)


def _access_token() -> str:
    """Return the client's token: in the body where somebody else calls for clients. Raises `Unauthorized`."""
    token_in: Callable[[Any], str | None] | None = getattr(requested_view(), "token_in", None)
    return bearer_token() if token_in is None else token_in(g.get("json_body", {})) or ""


def _account_in_body() -> str:
    """Return whose email the body of a public view has; on other views a body could name anybody."""
    guard = guard_of(requested_view())
    email = g.get("json_body", {}).get("email") if guard is not None and guard.public else None
    if not isinstance(email, str):
        return ""
    key_of_email: Callable[[str], str] = current_app.extensions["key_of_email"]
    return _hashed("email", key_of_email(email.strip()[:LONGEST_EMAIL]), _key())


def _user() -> str:
    claims = access_claims()
    return _hashed("user", claims["sub"], _key()) if claims else ""


def _key() -> bytes:
    return cast(bytes, current_app.extensions[HASH_KEY])


def _hashed(kind: str, text: str, key: bytes) -> str:
    return hashlib.blake2s(f"{kind}:{text}".encode(), key=key).hexdigest()
