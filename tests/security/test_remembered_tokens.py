"""Access tokens whose signature a process remembers: what else they need is asked of them each time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.kit import clock
from app.models import User
from app.security.tokens import ACCESS, REFRESH, decode
from app.security.tokens import _remembered as REMEMBERED  # noqa: N812  # what it holds is looked at here
from tests.api import Api
from tests.factories import claims_of, sign_in, token_for
from tests.security.test_tokens import PATH, ada, forged, refused

__all__ = ["ada"]


def test_a_remembered_token_still_ends(api: Api, ada: User) -> None:
    """That its signature is known to be right opens nothing after its time, nor before it."""
    token = token_for(ada)
    assert api.get(PATH, token=token).status_code == 200
    issued = datetime.fromtimestamp(claims_of(token)["iat"], UTC)
    with clock.frozen(issued + timedelta(minutes=15)):
        refused(api, token, "token_expired")
    with clock.frozen(issued - timedelta(minutes=1)):
        refused(api, token, "token_invalid")
    assert api.get(PATH, token=token).status_code == 200


def test_a_remembered_token_ends_with_its_session(api: Api, ada: User) -> None:
    """Whoever signs out is out, with the token that has just served."""
    tokens = sign_in(ada)
    assert api.get(PATH, token=tokens.access_token).status_code == 200
    assert api.post("/api/auth/logout", token=tokens.access_token).status_code == 204
    refused(api, tokens.access_token, "token_revoked")


def test_a_remembered_token_ends_with_its_key(app: Flask, api: Api, ada: User, monkeypatch: Any) -> None:
    """TK-24: a process that is told of other keys forgets what the ones before have verified."""
    token = forged(app, ada)
    assert api.get(PATH, token=token).status_code == 200
    monkeypatch.setitem(app.config, "ACCESS_KEYS", ["k9-" + "z" * 32])
    refused(api, token, "token_invalid")


def test_signatures_are_verified_once(app: Flask, api: Api, ada: User) -> None:
    """A token that is good, once for all its requests; a forged one each time, and it takes up no room."""
    good, bad = forged(app, ada, jti="good"), forged(app, ada, key="another key of more than 32 bytes")
    api.get(PATH, token=good)
    before = REMEMBERED.cache_info()
    assert api.get(PATH, token=good).status_code == 200
    for _ in (1, 2):
        refused(api, bad, "token_invalid")
    after = REMEMBERED.cache_info()
    assert after.hits > before.hits
    assert (after.currsize, after.misses > before.misses + 1) == (before.currsize, True)
    assert after.maxsize == 1024


def test_remembered_claims_cannot_be_changed(app: Flask, ada: User) -> None:
    """All requests with the token share them."""
    claims: Any = decode(ACCESS, forged(app, ada))
    with pytest.raises(TypeError):
        claims["role"] = "admin"


def test_refresh_tokens_are_not_remembered(app: Flask, ada: User) -> None:
    """They serve once: to keep them would only keep them about."""
    before = REMEMBERED.cache_info()
    decode(REFRESH, sign_in(ada).refresh_token)
    assert REMEMBERED.cache_info() == before
