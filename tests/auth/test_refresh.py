"""Refreshing: tokens that work once, two tabs that get the same, and a thief who is found out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy import text

from app.extensions import db
from app.kit import clock
from app.models import User
from app.transactions import transaction
from tests.api import Api
from tests.factories import claims_of, make_user, sign_in, token_for

PATH, ME = "/api/auth/refresh", "/api/users/me"
NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)


@pytest.fixture
def ada(app: Any) -> User:
    """An account."""
    return make_user()


def refresh(api: Api, token: str) -> Any:
    """Ask for new tokens."""
    return api.post(PATH, {"refresh_token": token})


def refused(api: Api, token: str, code: str) -> None:
    """Ask with a token that must not be accepted."""
    answer = refresh(api, token)
    assert (answer.status_code, answer.json["code"]) == (401, code), answer.json
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_refresh_spends_the_token_and_brings_a_pair(api: Api, ada: User) -> None:
    """The same shape as a login; the new pair works, in body and as Bearer."""
    with clock.frozen(NOON):
        first = sign_in(ada)
    with clock.frozen(NOON + timedelta(days=1)):
        answer = refresh(api, first.refresh_token)
        assert answer.status_code == 200
        pair = answer.json
        assert (pair["token_type"], pair["expires_in"], pair["user"]["id"]) == ("Bearer", 900, ada.id)
        assert pair["refresh_token"] != first.refresh_token
        assert api.get(ME, token=pair["access_token"]).status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
    with clock.frozen(NOON + timedelta(days=2)):
        again = api.post(PATH, token=pair["refresh_token"])
        assert again.status_code == 200
        assert again.json["refresh_token"] not in {first.refresh_token, pair["refresh_token"]}


def test_two_tabs_get_the_same_successor(api: Api, ada: User) -> None:
    """Within 30 seconds, however often; also where the successor is used already."""
    with clock.frozen(NOON):
        first = sign_in(ada).refresh_token
        second = refresh(api, first).json["refresh_token"]
    with clock.frozen(NOON + timedelta(seconds=30)):
        assert refresh(api, first).json["refresh_token"] == second
        third = refresh(api, second).json["refresh_token"]
        answer = refresh(api, first)
        assert (answer.status_code, answer.json["refresh_token"]) == (200, second)
    with clock.frozen(NOON + timedelta(minutes=10)):
        assert refresh(api, third).status_code == 200


def test_the_story_of_a_stolen_token(api: Api, ada: User) -> None:
    """A thief copies Ada's refresh token and uses it first. When Ada's own browser comes with it, both are out, and
    her session on another device lives on."""
    with clock.frozen(NOON):
        elsewhere, stolen = sign_in(ada), sign_in(ada).refresh_token
    with clock.frozen(NOON + timedelta(minutes=5)):
        thiefs = refresh(api, stolen).json
        assert api.get(ME, token=thiefs["access_token"]).status_code == 200
    with clock.frozen(NOON + timedelta(minutes=6)):
        refused(api, stolen, "token_reused")
        assert api.get(ME, token=thiefs["access_token"]).json["code"] == "token_revoked"
        refused(api, thiefs["refresh_token"], "token_revoked")
        for _ in range(3):
            refused(api, stolen, "token_reused")
        assert refresh(api, elsewhere.refresh_token).status_code == 200
        audit = db.session.execute(text("SELECT action, object_id FROM audit_entries WHERE action LIKE '%reused'"))
        assert [tuple(row) for row in audit] == [("auth.token_reused", ada.id)]


def test_the_other_way_round_the_thief_is_found_out(api: Api, ada: User) -> None:
    """Ada's browser was first; the thief's late use ends the session all the same."""
    with clock.frozen(NOON):
        stolen = sign_in(ada).refresh_token
        hers = refresh(api, stolen).json
    with clock.frozen(NOON + timedelta(seconds=31)):
        refused(api, stolen, "token_reused")
        refused(api, hers["refresh_token"], "token_revoked")
        assert api.get(ME, token=hers["access_token"]).json["code"] == "token_revoked"


def test_a_session_ends_seven_days_after_its_login(api: Api, ada: User) -> None:
    """However often it is renewed; its last access token ends with it."""
    with clock.frozen(NOON):
        token = sign_in(ada).refresh_token
    for day in range(1, 7):
        with clock.frozen(NOON + timedelta(days=day)):
            token = refresh(api, token).json["refresh_token"]
    with clock.frozen(NOON + timedelta(days=7) - timedelta(minutes=1)):
        last = refresh(api, token).json
        assert last["expires_in"] == 60
    with clock.frozen(NOON + timedelta(days=7)):
        refused(api, last["refresh_token"], "token_expired")
        assert api.get(ME, token=last["access_token"]).json["code"] == "token_expired"


@pytest.mark.parametrize(
    "change", ["users SET is_active = false", "auth_sessions SET ended_at = last_used_at"], ids=["account", "session"]
)
def test_what_has_ended_is_not_renewed(api: Api, ada: User, change: str) -> None:
    """TK-10: a deactivated account, an ended session; the refused token is not spent."""
    token = sign_in(ada).refresh_token
    with transaction():
        db.session.execute(text(f"UPDATE {change}"))
    refused(api, token, "token_revoked")
    assert db.session.scalar(text("SELECT count(*) FROM refresh_tokens WHERE used_at IS NOT NULL")) == 0


def test_each_kind_of_token_at_its_own_door(api: Api, ada: User) -> None:
    """TK-04: a refresh token opens nothing, an access token renews nothing."""
    tokens = sign_in(ada)
    assert api.get(ME, token=tokens.refresh_token).json["code"] == "token_invalid"
    refused(api, tokens.access_token, "token_invalid")
    assert api.post(PATH, token=tokens.access_token).json["code"] == "token_invalid"


def test_tokens_that_are_not_ours(api: Api, ada: User, app: Any) -> None:
    """None, nonsense, other keys, and one signed by us that was never issued."""
    claims = claims_of(sign_in(ada).refresh_token)
    keys = app.config["REFRESH_KEYS"]
    assert api.post(PATH).json["code"] == "token_missing"
    assert api.post(PATH, {"refresh_token": ""}).status_code == 422
    assert api.post(PATH, {"refresh_token": 5}).status_code == 422
    for token in ("x", "a.b.c", token_for(ada), jwt.encode(claims, app.config["ACCESS_KEYS"][0])):
        refused(api, token, "token_invalid")
    refused(api, jwt.encode(claims | {"jti": "never issued"}, keys[0]), "token_invalid")
    refused(api, jwt.encode(claims | {"type": "access"}, keys[0]), "token_invalid")


def test_the_database_knows_no_token(api: Api, ada: User) -> None:
    """TK-20: neither refresh tokens nor what is in them; hashes alone."""
    tokens = sign_in(ada)
    renewed = refresh(api, tokens.refresh_token).json
    known = str(db.session.execute(text("SELECT * FROM refresh_tokens")).all())
    for token in (tokens.refresh_token, renewed["refresh_token"]):
        claims = claims_of(token)
        for secret in (token, token.split(".")[2], claims["jti"]):
            assert secret not in known
