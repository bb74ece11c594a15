"""What nginx does by the files of `deploy/nginx`, before two servers that only say what has come to them."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPMessage, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from app.web.cors import READ
from app.web.problems import ROUTE_NOT_FOUND, Problem
from tests.deploy.behind import listening, seen
from tests.hosts.nginx import HOST, Nginx, in_front_of

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed here")

PASSED_OVER_SECONDS = 3.2
"""For a little longer than nginx passes over a server that has failed."""


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    folder: Path = tmp_path_factory.mktemp("nginx")
    with ExitStack() as running:
        ports = [running.enter_context(listening()) for _ in range(2)]
        yield running.enter_context(in_front_of(ports, folder))


def ask(
    nginx: Nginx, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, HTTPMessage, Any]:
    """Return status, headers and JSON of an answer."""
    with closing(HTTPSConnection(HOST, nginx.port, timeout=30, context=nginx.trust)) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read())


@pytest.mark.parametrize(
    ("method", "times"), [("GET", 2), ("HEAD", 2), ("PUT", 1), ("DELETE", 1), ("POST", 1), ("PATCH", 1)]
)
def test_what_a_process_has_seen_is_repeated_only_where_it_reads(nginx: Nginx, method: str, times: int) -> None:
    """The process may have done it before it was killed."""
    time.sleep(PASSED_OVER_SECONDS)
    seen.clear()
    with closing(HTTPSConnection(HOST, nginx.port, timeout=30, context=nginx.trust)) as connection:
        connection.request(method, "/gone", b"{}" if method in {"PUT", "POST", "PATCH"} else None)
        assert connection.getresponse().status == 503
    assert seen == [method] * times


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_no_connection_to_a_process_is_kept(nginx: Nginx, method: str) -> None:
    """A process that leaves closes those that it keeps, perhaps just as a request comes. All else is passed on too."""
    time.sleep(PASSED_OVER_SECONDS)
    status, _, came = ask(nginx, method, "/?a=%2F", b"12345" if method in {"PUT", "POST"} else None)
    assert (status, came["connection"], came["x-forwarded-proto"], came["host"]) == (200, "close", "https", HOST)
    assert came.get("content-length", "5") == "5"


@pytest.mark.parametrize("sent", ["a-decent.id_1", "", "two words", "x" * 200, 'quote"'])
def test_the_callers_request_id_goes_on_where_it_is_decent(nginx: Nginx, sent: str) -> None:
    _, _, came = ask(nginx, "GET", "/", X_Request_ID=sent)
    _, headers, problem = ask(nginx, "GET", "/metrics", X_Request_ID=sent)
    ids = {came["x-request-id"], headers["X-Request-ID"], problem["request_id"]}
    assert ids == {sent} if sent.startswith("a-") else not ids & {sent, ""}


ERRORS: dict[str, tuple[int, str, str, bytes | None, dict[str, str]]] = {
    "too large": (413, "POST", "/api/x.html?token=secret", None, {"Content-Length": "20000000"}),
    "metrics": (404, "GET", "/metrics", None, {}),
    "metrics/": (404, "GET", "/metrics/", None, {}),
    "metrics hidden": (404, "GET", "//x/..%2fmetrics/", None, {}),
    "encoding": (501, "POST", "/api/x", None, {"Transfer-Encoding": "nonsense"}),
    "header": (431, "GET", "/api/x", None, {"X-Long": "x" * 20000}),
    "method": (405, "TRACE", "/api/x", None, {}),
    "away": (503, "GET", "/gone", None, {}),
    "away for one that writes": (503, "PUT", "/gone", b"{}", {}),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_of_nginx_are_problems(nginx: Nginx, name: str) -> None:
    """In the words of the house, and readable for pages of other origins."""
    status, method, path, body, sent = ERRORS[name]
    time.sleep(PASSED_OVER_SECONDS if path == "/gone" else 0)
    found, headers, problem = ask(nginx, method, path, body, **sent)
    expected = Problem(404, *ROUTE_NOT_FOUND) if status == 404 else Problem.named(status)
    assert found == status
    assert problem == expected.body(path.partition("?")[0], headers["X-Request-ID"])
    assert headers.get_all("Content-Type") == ["application/problem+json; charset=utf-8"]
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert headers["Retry-After"] == ("2" if status == 503 else None)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert {one.strip() for one in headers["Access-Control-Expose-Headers"].split(",")} <= set(READ)


@pytest.mark.parametrize("path", ['/metrics/"x', "/metrics/\\", "/metrics/" + "x" * 3000])
def test_a_path_that_json_cannot_hold_as_it_is_is_not_named(nginx: Nginx, path: str) -> None:
    status, _, problem = ask(nginx, "GET", path)
    assert (status, problem["instance"]) == (404, "")


def test_a_long_address_is_refused_by_the_house(nginx: Nginx) -> None:
    """nginx has only HTML for it, since it is an address for which it has no site yet."""
    time.sleep(PASSED_OVER_SECONDS)
    status, _, _ = ask(nginx, "GET", "/" + "x" * 9000)
    assert status == 200
