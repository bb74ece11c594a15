"""Which pages may call the API from their own origin, and read what it answers."""

from typing import Any, NoReturn

import pytest
from flask import Flask

from tests.cases import each_case
from tests.conftest import make_application

ALLOWED = "https://app.example"
ALSO = "http://localhost:5173"
ACAO = "Access-Control-Allow-Origin"


@pytest.fixture(scope="module")
def application() -> Flask:
    app = make_application("sqlite://", CORS_ORIGINS=f"{ALLOWED}, {ALSO}", RATELIMIT_ENABLED="true")

    def fail() -> NoReturn:
        raise RuntimeError("on purpose")

    fail.guard = True  # type: ignore[attr-defined]  # so that it is let through
    app.add_url_rule("/api/fail", view_func=fail)
    return app


def call(app: Flask, path: str, method: str = "GET", origin: str | None = ALLOWED, **headers: str) -> Any:
    """Send one request from a page of `origin`."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().open(path, method=method, headers=sent | ({"Origin": origin} if origin else {}))


def preflight(app: Flask, path: str, origin: str = ALLOWED) -> Any:
    """Ask whether a page of `origin` may send a PATCH with all that our clients send."""
    asked = "authorization,content-type,if-match,if-none-match,idempotency-key,x-request-id,x-evil"
    method, names = {"Access_Control_Request_Method": "PATCH"}, {"Access_Control_Request_Headers": asked}
    return call(app, path, "OPTIONS", origin, **method, **names)


@pytest.mark.parametrize("origin", [ALLOWED, ALSO])
def test_pages_of_the_listed_origins_may_read_answers(origin: str, application: Flask) -> None:
    answer = call(application, "/api/users/me", origin=origin)
    assert answer.headers.getlist(ACAO) == [origin]
    assert set(answer.headers["Access-Control-Expose-Headers"].split(", ")) == {
        "X-Request-ID",
        "ETag",
        "Location",
        "Retry-After",
        "Idempotent-Replayed",
        "Content-Disposition",
        "Deprecation",
        "Link",
    }
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.vary


@each_case(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://app.example",
        "https://app.example.evil.test",
        "https://evil-app.example",
        "https://evil.app.example",
        "https://appxexample",
        "https://app.example:8443",
        "https://app.example/",
        "https://app.example\t",
        "HTTPS://APP.EXAMPLE",
        "http://localhost:51734",
        "*",
        "",
    ],
)
def test_pages_of_other_origins_may_not(origin: str, application: Flask) -> None:
    """SE-01: neither evil ones, nor null, nor the http twin, nor look-alikes, whether in an answer or a preflight."""
    for answer in (call(application, "/api/users/me", origin=origin), preflight(application, "/api/users/me", origin)):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        assert "Origin" in answer.vary


def test_a_preflight_needs_no_token(application: Flask) -> None:
    answer = preflight(application, "/api/users/me")
    assert answer.status_code == 200
    assert answer.headers[ACAO] == ALLOWED
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) == {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert set(answer.headers["Access-Control-Allow-Headers"].split(", ")) == {
        "authorization",
        "content-type",
        "if-match",
        "if-none-match",
        "idempotency-key",
        "x-request-id",
    }
    assert answer.data == b""


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/users/me", 401),
        ("GET", "/api/nothing", 404),
        ("PUT", "/api/auth/login", 405),
        ("POST", "/api/auth/login", 422),
        ("GET", "/api/fail", 500),
    ],
)
def test_refusals_can_be_read_too(method: str, path: str, status: int, application: Flask) -> None:
    answer = call(application, path, method)
    assert (answer.status_code, answer.headers.get(ACAO)) == (status, ALLOWED)


def test_being_told_to_wait_can_be_read_too() -> None:
    app = make_application("sqlite://", CORS_ORIGINS=ALLOWED, RATELIMIT_ENABLED="true", RATELIMIT_CALLER="1/hour")
    first, second = (call(app, "/api/users/me") for _ in range(2))
    assert (first.status_code, second.status_code) == (401, 429)
    assert second.headers[ACAO] == ALLOWED
    assert "Retry-After" in second.headers["Access-Control-Expose-Headers"]
    assert int(second.headers["Retry-After"]) >= 1


def test_only_the_api_is_shared(application: Flask) -> None:
    for path in ("/apidocs/", "/openapi.json", "/healthz", "/api"):
        assert ACAO not in call(application, path).headers


def test_without_an_origin_nothing_is_told_but_that_it_matters(application: Flask) -> None:
    answer = call(application, "/api/users/me", origin=None)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
    assert "Origin" in answer.vary


@pytest.mark.parametrize("origin", ["https://anybody.example", "null"])
def test_an_open_api_is_open_to_all_and_takes_no_credentials(origin: str) -> None:
    answer = call(make_application("sqlite://", CORS_ORIGINS="*"), "/api/users/me", origin=origin)
    assert answer.headers[ACAO] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" not in answer.vary


def test_without_the_setting_nobody_may() -> None:
    answer = preflight(make_application("sqlite://"), "/api/users/me")
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_of_another_page_posts_nothing(media_type: str, application: Flask) -> None:
    """SE-08: what a page may send without a preflight is not JSON to us."""
    answer = application.test_client().post(
        "/api/auth/register",
        data='{"email": "ada@example.test", "password": "correct horse battery"}',
        headers={"Origin": "https://evil.example", "Content-Type": media_type},
    )
    assert (answer.status_code, answer.json and answer.json["code"]) == (415, "unsupported_media_type")
    assert ACAO not in answer.headers
