"""Whose word counts about where a request comes from."""

from typing import Any, cast

import pytest
from flask import Flask, jsonify, request

from app.web import proxies
from config import load_settings
from tests.cases import each_case
from tests.servers import raw_request, release_together, serving

PROXY = "10.0.0.1"
CALLER = "203.0.113.9"


def seen(setting: str, peer: str = PROXY, **headers: str) -> dict[str, Any]:
    """Return what a view sees of a request from `peer` where TRUSTED_PROXIES is `setting`."""
    app = Flask(__name__)
    proxies.install(app, load_settings({"FLASK_ENV": "testing", "TRUSTED_PROXIES": setting}).trusted_proxies)
    app.add_url_rule(
        "/",
        view_func=lambda: jsonify(
            address=request.remote_addr, scheme=request.scheme, host=request.host, root=request.script_root
        ),
    )
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return cast(dict[str, Any], app.test_client().get("/", headers=sent, environ_base={"REMOTE_ADDR": peer}).json)


@each_case(
    ("setting", "header", "expected"),
    [
        ("0", CALLER, PROXY),
        ("1", CALLER, CALLER),
        ("1", f"1.1.1.1, {CALLER}", CALLER),
        ("1", f"{CALLER}:4711", CALLER),
        ("1", "[2001:db8::9]:4711", "2001:db8::9"),
        ("1", "::ffff:203.0.113.9", CALLER),
        ("1", "", PROXY),
        ("1", "unknown", PROXY),
        ("1", "1.1.1.1, garbage", PROXY),
        ("1", f'"1.1.1.1, {CALLER}', CALLER),
        ("1", f"garbage, \x00, {CALLER}", CALLER),
        ("2", f"{CALLER}, 10.0.0.2", CALLER),
        ("2", f"1.1.1.1, {CALLER}, 10.0.0.2", CALLER),
        ("2", f"1.1.1.1, {CALLER}, garbage", PROXY),
        ("2", CALLER, PROXY),
    ],
)
def test_so_many_proxies_are_believed(setting: str, header: str, expected: str) -> None:
    assert seen(setting, X_Forwarded_For=header)["address"] == expected


@each_case(
    ("peer", "header", "expected"),
    [
        (CALLER, "1.1.1.1", CALLER),
        (PROXY, CALLER, CALLER),
        (PROXY, f"1.1.1.1, {CALLER}", CALLER),
        (PROXY, f"{CALLER}, 10.0.0.2", CALLER),
        (PROXY, f"1.1.1.1, {CALLER}, 10.9.9.9, 10.0.0.2", CALLER),
        (PROXY, f"1.1.1.1, {CALLER}, 192.168.1.1", "192.168.1.1"),
        (PROXY, "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        (PROXY, "1.1.1.1, garbage, 10.0.0.2", "10.0.0.2"),
        (PROXY, "garbage", PROXY),
        (PROXY, "", PROXY),
        ("2001:db8:1::1", CALLER, CALLER),
        ("2001:db8:2::1", CALLER, "2001:db8:2::1"),
        ("", CALLER, ""),
    ],
)
def test_proxies_in_known_networks_are_believed(peer: str, header: str, expected: str) -> None:
    assert seen("10.0.0.0/8, 2001:db8:1::/48", peer, X_Forwarded_For=header)["address"] == expected


@each_case(
    ("setting", "peer", "header", "expected"),
    [
        ("0", PROXY, "https", "http"),
        ("1", PROXY, "https", "https"),
        ("1", PROXY, "HTTPS", "https"),
        ("1", PROXY, "http, https", "https"),
        ("1", PROXY, '"x, https', "https"),
        ("1", PROXY, "javascript", "http"),
        ("1", PROXY, "", "http"),
        ("10.0.0.0/8", PROXY, "https", "https"),
        ("10.0.0.0/8", CALLER, "https", "http"),
    ],
)
def test_a_proxy_that_is_believed_tells_the_scheme(setting: str, peer: str, header: str, expected: str) -> None:
    assert seen(setting, peer, X_Forwarded_Proto=header)["scheme"] == expected


def test_nobody_is_believed_about_the_host() -> None:
    found = seen("1", X_Forwarded_Host="evil.example", X_Forwarded_Prefix="/evil", X_Forwarded_Port="81")
    assert (found["host"], found["root"]) == ("localhost", "")


@pytest.mark.databases("sqlite")
def test_the_server_believes_nobody_by_itself_either(database_url: str) -> None:
    """gunicorn would take the scheme and the root path from whoever calls on the same machine."""
    lies = {"X-Forwarded-Proto": "https", "SCRIPT_NAME": "/api", "X-Forwarded-For": CALLER}
    with serving(database_url, workers=1) as server:
        (answer,) = release_together(server.host, server.port, [raw_request("GET", "/healthz", headers=lies)])
    assert answer.status == 200
    assert "strict-transport-security" not in answer.headers
