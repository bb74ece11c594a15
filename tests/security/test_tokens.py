"""Access tokens: ours are accepted, as long as they are valid; everything else is 401 and never 500."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.kit import clock
from app.models import Role, User
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.conftest import make_application
from tests.databases import refused_by_shape
from tests.factories import claims_of, make_user, sign_in, token_for

PATH = "/api/users/me"
CLAIMS = ("exp", "nbf", "iat", "iss", "aud", "sub", "jti", "type", "sid", "ver", "role")


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
        "sid": claims_of(token_for(user))["sid"],
        "ver": user.token_version,
        "role": user.role.value,
    } | claims
    kept = {name: value for name, value in ours.items() if value is not None}
    return jwt.encode(kept, key if key is not None else app.config["ACCESS_KEYS"][0], algorithm=algorithm)


def refused(api: Api, token: str | None, code: str, **headers: str) -> None:
    """Call with a token that must not be accepted."""
    answer = api.get(PATH, token=token, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (401, code), answer.json
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type.startswith("application/problem+json")


def test_a_token_made_by_hand_like_ours_is_accepted(app: Flask, api: Api, ada: User) -> None:
    """So that the refusals below are for the one thing each changes."""
    assert api.get(PATH, token=forged(app, ada)).status_code == 200


@refused_by_shape
@each_case(
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
        ({"sid": 0}, "token_invalid"),
        ({"sid": -(10**30)}, "token_invalid"),
        ({"sid": 2**40}, "token_revoked"),
        ({"jti": "\ud800"}, "token_invalid"),
        ({"jti": ""}, "token_invalid"),
        ({"jti": "x" * 101}, "token_invalid"),
        ({"jti": 5}, "token_invalid"),
        ({"sid": "1"}, "token_invalid"),
        ({"sid": 1.0}, "token_invalid"),
        ({"sid": True}, "token_invalid"),
        ({"sid": 2**70}, "token_invalid"),
        ({"role": "admin"}, "token_revoked"),
        ({"exp": 4e9}, "token_invalid"),
        ({"ver": "1"}, "token_revoked"),
        ({"exp": "tomorrow"}, "token_invalid"),
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC), "type": "refresh"}, "token_invalid"),
        ({"iat": datetime(2999, 1, 1, tzinfo=UTC)}, "token_invalid"),
        ({"aud": ["somebody", "else"]}, "token_invalid"),
        ({"type": "reset"}, "token_invalid"),
        ({"type": ["access"]}, "token_invalid"),
        ({"sub": 1}, "token_invalid"),
        ({"sub": ""}, "token_invalid"),
        ({"sub": "1 OR 1=1"}, "token_invalid"),
        ({"sub": "9" * 5000}, "token_invalid"),
        *[({claim: None}, "token_invalid") for claim in CLAIMS],
    ],
)
def test_claims_that_do_not_hold(app: Flask, api: Api, ada: User, claims: dict[str, Any], code: str) -> None:
    """Each claim is required and verified."""
    refused(api, forged(app, ada, **claims), code)


def test_other_keys_and_algorithms(app: Flask, api: Api, ada: User) -> None:
    """TK-01, TK-02: alg none in any spelling, empty signatures, other keys, other algorithms."""
    _, body, signature = forged(app, ada).split(".")
    secrets = (app.config["REFRESH_KEYS"][0], app.config["SECRET_KEY"])
    for key in ("secret" * 6, "\0" * 32, *secrets):
        assert key != app.config["ACCESS_KEYS"][0]
        refused(api, forged(app, ada, key=key), "token_invalid")
    for algorithm in ("HS384", "HS512"):
        refused(api, forged(app, ada, algorithm=algorithm), "token_invalid")
    for name in ("none", "None", "nOnE", "NONE", "", "hs256", "RS256", None, 5):
        for tail in ("", signature):
            refused(api, f"{part({'alg': name, 'typ': 'JWT'})}.{body}.{tail}", "token_invalid")


def test_tokens_bring_no_keys_of_their_own(app: Flask, api: Api, ada: User) -> None:
    """TK-03: what a header says about keys is not read; ours beside it still verifies."""
    theirs = "a key that somebody chose, long enough"
    key = base64.urlsafe_b64encode(theirs.encode()).decode()
    said = {"jwk": {"kty": "oct", "k": key}, "jku": "http://127.0.0.1:9/keys", "kid": "../../dev/null' OR 1=1"}
    claims = claims_of(forged(app, ada))
    for name, value in said.items():
        refused(api, jwt.encode(claims, theirs, headers={name: value}), "token_invalid")
        ours = jwt.encode(claims, app.config["ACCESS_KEYS"][0], headers={name: value})
        assert api.get(PATH, token=ours).status_code == 200


@each_case("depth", [0, 3000])
@each_case("place", [0, 1, 2])
def test_broken_tokens(app: Flask, api: Api, ada: User, place: int, depth: int) -> None:
    """Each of the three parts empty, cut, no base64, no object, or nested to break a parser."""
    parts = forged(app, ada).split(".")
    nested = base64.urlsafe_b64encode(b"[" * depth).decode().rstrip("=")
    for wrong in (nested, "x", "!!!", parts[place][:-3], part([]), part(None), part("{"), part({"alg": {}}), "\u00ff"):
        broken = [wrong if n == place else whole for n, whole in enumerate(parts)]
        refused(api, ".".join(broken), "token_invalid")
    refused(api, ".".join(parts[:2]), "token_invalid")
    refused(api, ".".join([*parts, "x"]), "token_invalid")


@refused_by_shape
@each_case(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer\ta",
        "Basic YTpi",
        "Token x",
        "bearer",
        "Bearer " + "x" * 8000,
        "Bearer " + "x" * 16000,
        "Bearer \u00e9",
        "\u00ff\u00fe",
        ",",
        "Bearer ..",
        "Bearer null",
    ],
)
def test_odd_headers(api: Api, header: str) -> None:
    """TK-23: 401, whatever stands there."""
    answer = api.get(PATH, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json["code"] == ("token_invalid" if header.lower().split(" ")[0] == "bearer" else "token_missing")


@each_case("around", ["Basic YTpi, Bearer {}", "Bearer {}, Bearer x", "Bearer x, Bearer {}", ",Bearer {},"])
def test_one_credential_in_one_header(app: Flask, api: Api, ada: User, around: str) -> None:
    """TK-23: servers join repeated headers by commas; no proxy and we read two different things."""
    assert api.get(PATH, headers={"Authorization": around.format(forged(app, ada))}).status_code == 401


def test_the_scheme_in_any_case(app: Flask, api: Api, ada: User) -> None:
    """RFC 9110 §11.1."""
    for scheme in ("bearer", "BEARER"):
        assert api.get(PATH, headers={"Authorization": f"{scheme} {forged(app, ada)}"}).status_code == 200


def test_a_bad_token_is_refused_where_none_is_needed(app: Flask, api: Api, ada: User) -> None:
    """Whoever sends one expects to be known by it; staff pages differ for admins."""
    assert api.get("/api/staff").status_code == 200
    answer = api.get("/api/staff", token=forged(app, ada, exp=datetime(2020, 1, 1, tzinfo=UTC)))
    assert (answer.status_code, answer.json["code"]) == (401, "token_expired")


def part(content: Any) -> str:
    """Return something as a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_tokens_are_read_from_the_header_alone(app: Flask, api: Api, ada: User) -> None:
    """TK-08: neither from the query nor from a cookie."""
    token = forged(app, ada)
    answer = api.get(f"{PATH}?access_token={token}&jwt={token}", headers={"Cookie": f"access_token_cookie={token}"})
    assert answer.json["code"] == "token_missing"
    answer = api.post("/api/bookings", {"access_token": token})
    assert answer.json["code"] == "token_missing"


@pytest.mark.parametrize("change", ["is_active = false", "token_version = token_version + 1"])
def test_what_is_revoked_stops_at_the_next_request(api: Api, ada: User, change: str) -> None:
    """TK-12: a deactivated account, and one whose tokens were ended."""
    token = token_for(ada)
    assert api.get(PATH, token=token).status_code == 200
    with transaction():
        db.session.execute(text(f"UPDATE users SET {change}"))  # noqa: S608  # the test's own words
    refused(api, token, "token_revoked")


def test_the_token_of_somebody_deleted(api: Api, ada: User) -> None:
    """TK-12: 401, not 500."""
    token = token_for(ada)
    with transaction():
        db.session.execute(text("DELETE FROM refresh_tokens"))
        db.session.execute(text("DELETE FROM auth_sessions"))
        db.session.execute(text("DELETE FROM users"))
    refused(api, token, "token_revoked")


def test_tokens_end_by_themselves(api: Api, ada: User, app: Flask) -> None:
    """After the configured 15 minutes; they name their account and nothing it may do."""
    claims = claims_of(token_for(ada))
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert set(claims) == set(CLAIMS)
    with clock.frozen(datetime.fromtimestamp(claims["exp"], UTC) - timedelta(seconds=1)):
        assert api.get(PATH, token=token_for(ada)).status_code == 200


def test_a_lost_role_counts_at_the_next_request(api: Api) -> None:
    """TK-11: 403 where the role is missed; elsewhere the token is no good any more, and a refresh brings a new one."""
    tokens = sign_in(make_user(Role.ADMIN))
    assert api.get("/api/services/assignments", token=tokens.access_token).status_code == 200
    with transaction():
        db.session.execute(text("UPDATE users SET role = 'client'"))
    assert api.get("/api/services/assignments", token=tokens.access_token).status_code == 403
    refused(api, tokens.access_token, "token_revoked")
    renewed = api.post("/api/auth/refresh", {"refresh_token": tokens.refresh_token}).json
    assert renewed["user"]["role"] == "client"
    assert api.get(PATH, token=renewed["access_token"]).status_code == 200
    assert api.get("/api/services/assignments", token=renewed["access_token"]).status_code == 403


@pytest.mark.parametrize("role", [role.value for role in Role if role is not Role.ADMIN])
def test_a_promotion_counts_from_the_next_token_on(api: Api, role: str) -> None:
    """TK-11, the other way round: nobody gains anything by a token issued for less."""
    tokens = sign_in(make_user(Role(role)))
    assert api.post("/api/staff", {"name": "Jo"}, token=tokens.access_token).status_code == 403
    with transaction():
        db.session.execute(text("UPDATE users SET role = 'admin'"))
    answer = api.post("/api/staff", {"name": "Jo"}, token=tokens.access_token)
    assert (answer.status_code, answer.json["code"]) == (401, "token_revoked")
    renewed = api.post("/api/auth/refresh", {"refresh_token": tokens.refresh_token}).json
    assert api.post("/api/staff", {"name": "Jo"}, token=renewed["access_token"]).status_code == 201


def test_keys_can_be_changed(database_url: str) -> None:
    """TK-24: a token of the key before still opens, one of a key that is gone does not."""
    old, new, newest = "k1-" + "a" * 32, "k2-" + "b" * 32, "k3-" + "c" * 32
    opened: dict[str, list[int]] = {}
    with make_application(database_url, JWT_SECRET_KEY=old).app_context():
        user = make_user()
        tokens = {"old": token_for(user)}
    with make_application(database_url, JWT_SECRET_KEY=f"{new},{old}").app_context():
        tokens["new"] = token_for(user)
    for keys in (old, f"{new},{old}", f"{newest},{new}"):
        client = Api(make_application(database_url, JWT_SECRET_KEY=keys).test_client())
        opened[keys] = [client.get(PATH, token=tokens[name]).status_code for name in ("old", "new")]
    assert list(opened.values()) == [[200, 401], [200, 200], [401, 200]]


OLD, NEW = "k1-" + "a" * 32, "k2-" + "b" * 32


@pytest.mark.parametrize(("first", "second"), [(OLD, f"{NEW},{OLD}"), (f"{OLD},{NEW}", f"{NEW},{OLD}")])
def test_two_tabs_at_a_change_of_keys(database_url: str, first: str, second: str) -> None:
    """TK-24: one is served by the server of before, the other by that of after: both get the same successor."""
    refresh = "/api/auth/refresh"
    before, after = (Api(make_application(database_url, SECRET_KEY=keys).test_client()) for keys in (first, second))
    with before.client.application.app_context():
        token = sign_in(make_user()).refresh_token
    pairs = [api.post(refresh, {"refresh_token": token}).json for api in (before, after, before)]
    assert len({claims_of(pair["refresh_token"])["jti"] for pair in pairs}) == 1
    renewed = after.post(refresh, {"refresh_token": pairs[1]["refresh_token"]})
    assert (renewed.status_code, after.get(PATH, token=renewed.json["access_token"]).status_code) == (200, 200)


def test_a_tab_whose_successor_cannot_be_made_again(database_url: str) -> None:
    """Its key is gone from this server, though not the one that signs: it signs in again, and the other tab lives."""
    keys = {"JWT_SECRET_KEY": "k3-" + "c" * 32, "JWT_REFRESH_SECRET_KEY": "k4-" + "d" * 32}
    one, other = (Api(make_application(database_url, SECRET_KEY=key, **keys).test_client()) for key in (OLD, NEW))
    with one.client.application.app_context():
        token = sign_in(make_user()).refresh_token
    successor = one.post("/api/auth/refresh", {"refresh_token": token}).json["refresh_token"]
    assert other.post("/api/auth/refresh", {"refresh_token": token}).json["code"] == "token_invalid"
    assert one.post("/api/auth/refresh", {"refresh_token": successor}).status_code == 200
