"""Access tokens: ours are accepted, as long as they are valid; everything else is 401 and never 500."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.models import Role, User
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_user, token_for

PATH = "/api/users/me"
SECOND = timedelta(seconds=1)


@pytest.fixture
def ada(app: Flask) -> User:
    """An account."""
    return make_user()


def forged(app: Flask, user: User, *, key: str | None = None, algorithm: str = "HS256", **claims: Any) -> str:
    """Return a token like ours but for `claims` (None leaves one out), `key` or `algorithm`."""
    now = datetime.now(UTC)
    ours = {
        "sub": str(user.id),
        "iat": now,
        "nbf": now,
        "exp": now + timedelta(minutes=5),
        "jti": "x",
        "iss": "parlour",
        "aud": "parlour",
        "type": "access",
        "fresh": False,
        "ver": user.token_version,
    } | claims
    kept = {name: value for name, value in ours.items() if value is not None}
    return jwt.encode(kept, key if key is not None else app.config["JWT_SECRET_KEY"], algorithm=algorithm)


def refused(api: Api, token: str | None, code: str, **headers: str) -> None:
    """Call with a token that must not be accepted."""
    answer = api.get(PATH, token=token, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (401, code), answer.json
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type.startswith("application/problem+json")


def test_a_token_made_by_hand_like_ours_is_accepted(app: Flask, api: Api, ada: User) -> None:
    """So that the refusals below are for the one thing each changes."""
    assert api.get(PATH, token=forged(app, ada)).status_code == 200


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, "token_expired"),
        ({"nbf": datetime(2999, 1, 1, tzinfo=UTC)}, "token_invalid"),
        ({"iss": "somebody"}, "token_invalid"),
        ({"aud": "somebody"}, "token_invalid"),
        ({"type": "refresh"}, "token_invalid"),
        ({"sub": "abc"}, "token_invalid"),
        ({"sub": "-1"}, "token_invalid"),
        ({"sub": "٣"}, "token_invalid"),
        ({"sub": str(2**70)}, "token_invalid"),
        ({"sub": str(2**40)}, "token_revoked"),
        ({"ver": 0}, "token_revoked"),
        ({"ver": "1"}, "token_revoked"),
        *[({claim: None}, "token_invalid") for claim in ("exp", "nbf", "iat", "iss", "aud", "sub", "jti", "ver")],
    ],
    ids=str,
)
def test_claims_that_do_not_hold(app: Flask, api: Api, ada: User, claims: dict[str, Any], code: str) -> None:
    """Each claim is required and verified."""
    refused(api, forged(app, ada, **claims), code)


def test_other_keys_and_algorithms(app: Flask, api: Api, ada: User) -> None:
    """TK-01, TK-02: alg none in any spelling, empty signatures, other keys, other algorithms."""
    ours = forged(app, ada)
    head, body, signature = ours.split(".")
    for key in ("supersecret" * 4, app.config["JWT_REFRESH_SECRET_KEY"], app.config["SECRET_KEY"]):
        if key != app.config["JWT_SECRET_KEY"]:
            refused(api, forged(app, ada, key=key), "token_invalid")
    refused(api, forged(app, ada, algorithm="HS384"), "token_invalid")
    refused(api, forged(app, ada, algorithm="none", key=""), "token_invalid")
    for broken in (f"{head}.{body}.", f"{head}.{body}", f"{head}.{body}.{signature[:-4]}AAAA", "x.y.z", "x"):
        refused(api, broken, "token_invalid")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer a b", "Basic YTpi", "Token x", "bearer", "Bearer " + "x" * 8000, "Bearer é", ","],
)
def test_odd_headers(api: Api, header: str) -> None:
    """TK-23: 401, whatever stands there."""
    answer = api.get(PATH, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json["code"] in {"token_missing", "token_invalid"}


def test_tokens_are_read_from_the_header_alone(app: Flask, api: Api, ada: User) -> None:
    """TK-08: neither from the query nor from a cookie."""
    token = forged(app, ada)
    answer = api.get(f"{PATH}?access_token={token}&jwt={token}", headers={"Cookie": f"access_token_cookie={token}"})
    assert answer.json["code"] == "token_missing"


@pytest.mark.parametrize("change", ["is_active = false", "token_version = token_version + 1"])
def test_what_is_revoked_stops_at_the_next_request(api: Api, ada: User, change: str) -> None:
    """TK-12: a deactivated account, and one whose tokens were ended."""
    token = token_for(ada)
    assert api.get(PATH, token=token).status_code == 200
    with transaction():
        db.session.execute(text(f"UPDATE users SET {change}"))  # noqa: S608  # the test's own words
    refused(api, token, "token_revoked")


def test_a_changed_role_counts_at_the_next_request(api: Api) -> None:
    """TK-11: the role is the row's, not the token's."""
    admin = make_user(Role.ADMIN)
    token = token_for(admin)
    assert api.get("/api/services/assignments", token=token).status_code == 200
    with transaction():
        db.session.execute(text("UPDATE users SET role = 'client'"))
    assert api.get("/api/services/assignments", token=token).status_code == 403
