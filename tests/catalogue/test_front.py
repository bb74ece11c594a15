"""The front says what Flask says, in every byte, line and figure; what it must not answer, it hands on."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from prometheus_client import generate_latest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.models import Role
from app.operations import figures
from app.web import front, logs
from app.web.front import Front
from app.web.tracing import HEADER
from tests.api import Api
from tests.catalogue.conftest import Make
from tests.conftest import CountStatements
from tests.factories import make_service, make_user, token_for

Said = tuple[str, list[tuple[str, str]], bytes]

FROM = "192.0.2.7"


def front_of(app: Flask) -> Front:
    """Return the front, which may have the word of proxies before it."""
    found: Any = app.wsgi_app
    while not isinstance(found, Front):
        found = getattr(found, "fixed", None) or found.app
    return found


def ask(wsgi: Any, path: str, method: str = "GET", url: str = "http://localhost", **headers: str) -> Said:
    """Return status, headers and body of an answer. Of ids that we have made, only that there is one."""
    sent = [(name.replace("_", "-"), value) for name, value in headers.items()]
    environ = EnvironBuilder(
        path, base_url=url, method=method, headers=sent, environ_base={"REMOTE_ADDR": FROM}
    ).get_environ()
    body, status, said = run_wsgi_app(wsgi, environ)
    shown = [(name, "made" if name == HEADER and len(value) == 32 else value) for name, value in said]
    return status, shown, b"".join(body)


@pytest.fixture
def asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that Flask was asked for."""
    seen: list[str] = []
    stands = front_of(app)
    real = stands.app

    def watching(environ: Any, start_response: Any) -> Any:
        seen.append(environ["PATH_INFO"])
        return real(environ, start_response)

    monkeypatch.setattr(stands, "app", watching)
    return seen


PLAIN = ("/api/services", "/api/services?limit=1", "/api/services?q=cut&include_total=true", "/api/services/{id}")
REQUESTS: dict[str, dict[str, str]] = {
    "as anybody": {},
    "with an id": {"X_Request_ID": "mine-1"},
    "with a bad id": {"X_Request_ID": "not mine!"},
    "who has it": {"If_None_Match": "{tag}"},
    "from a browser": {"Accept": "text/html", "Accept_Encoding": "gzip", "Cookie": "a=b", "Range": "bytes=0-1"},
    "to a strange host": {"Host": "strange host!"},
    "for another version": {"If_Match": '"7"', "If_Modified_Since": "Mon, 07 Jan 2030 06:00:00 GMT"},
}


@pytest.mark.parametrize("how", sorted(REQUESTS))
@pytest.mark.parametrize("path", PLAIN)
def test_it_says_what_flask_says(app: Flask, asked: list[str], path: str, how: str) -> None:
    """Lists, a page, one service; known or not."""
    path = path.format(id=make_service(name="A cut").id)
    make_service(name="Another cut")
    stands = front_of(app)
    tag = dict(ask(stands.app, path)[1])["ETag"]
    headers = {name: value.format(tag=tag) for name, value in REQUESTS[how].items()}
    flasks = ask(stands.app, path, **headers)
    assert ask(stands, path, **headers) == flasks
    asked.clear()
    assert ask(stands, path, **headers) == flasks
    assert (asked, flasks[0][:3]) == ([], "304" if "who" in how else "200")


NOT_ANSWERED: dict[str, tuple[str, str, dict[str, str]]] = {
    "another tag": ("GET", "/api/services/{id}", {"If_None_Match": 'W/"other"'}),
    "several tags": ("GET", "/api/services/{id}", {"If_None_Match": '"other", {tag}'}),
    "any tag": ("GET", "/api/services/{id}", {"If_None_Match": "*"}),
    "nothing there": ("GET", "/api/services/999999", {}),
    "no such sort": ("GET", "/api/services?sort=colour", {}),
    "HEAD": ("HEAD", "/api/services/{id}", {}),
    "OPTIONS": ("OPTIONS", "/api/services/{id}", {}),
    "a page of another origin": ("GET", "/api/services/{id}", {"Origin": "https://app.example"}),
    "a page of a stranger": ("GET", "/api/services/{id}", {"Origin": "https://stranger.example"}),
    "signed in": ("GET", "/api/services/{id}", {"Authorization": "Bearer {token}"}),
    "signed in badly": ("GET", "/api/services", {"Authorization": "Bearer x"}),
    "signed in by nothing": ("GET", "/api/services", {"Authorization": ""}),
    "an earlier path": ("GET", "/services/{id}", {}),
    "categories": ("GET", "/api/services/categories", {}),
}


@pytest.mark.parametrize("what", sorted(NOT_ANSWERED))
def test_what_it_hands_on(make: Make, what: str) -> None:
    """Again and again, after the front has learnt what it answers to others."""
    app = make(CORS_ORIGINS="https://app.example")
    service = make_service()
    stands, token = front_of(app), token_for(make_user(Role.ADMIN))
    method, path, headers = NOT_ANSWERED[what]
    path = path.format(id=service.id)
    tag = dict(ask(stands, f"/api/services/{service.id}")[1])["ETag"]
    headers = {name: value.format(tag=tag, token=token) for name, value in headers.items()} | {"X_Request_ID": "mine"}
    plain = path.replace("/services/", "/api/services/", 1) if what == "an earlier path" else path
    for _ in range(2):
        ask(stands, plain)
    flasks = ask(stands.app, path, method, **headers)
    assert [ask(stands, path, method, **headers) for _ in range(2)] == [flasks, flasks]
    assert dict(ask(stands, plain)[1]) == dict(ask(stands.app, plain)[1])


def test_answers_share_no_headers(app: Flask) -> None:
    """What one caller is answered changes nothing of what goes to another at that moment."""
    stands: Any = front_of(app)
    path, said = f"/api/services/{make_service().id}", list[list[tuple[str, str]]]()
    for name in ("first", "second", "third"):
        environ = EnvironBuilder(path, headers=[(HEADER, name)]).get_environ()
        stands(environ, lambda _status, headers, *_rest: said.append(headers))
    assert [dict(headers)[HEADER] for headers in said] == ["first", "second", "third"]


def test_transport_by_the_word_of_proxies(make: Make) -> None:
    """Who has come by https is told so, and nobody else."""
    app = make(TRUSTED_PROXIES="1")
    path = f"/api/services/{make_service().id}"
    for _ in range(2):
        for scheme in ("http", "https"):
            said = ask(app.wsgi_app, path, X_Forwarded_Proto=scheme, X_Forwarded_For="198.51.100.1")
            assert ("Strict-Transport-Security" in dict(said[1])) == (scheme == "https")


def test_a_place_below_another(app: Flask) -> None:
    """A program that is mounted somewhere is Flask's to answer."""
    path = f"/api/services/{make_service().id}"
    stands = front_of(app)
    for _ in range(2):
        assert ask(stands, path)[0] == "200 OK"
        assert ask(stands, path, url="http://localhost/below")[0] == "200 OK"
    assert {question[1] for question in stands._answers} == {"", "/below"}


@pytest.fixture
def lines(app: Flask) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged since the last look."""
    root, seen = logging.getLogger(), list[dict[str, Any]]()

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if type(record.msg) is logs.Event:
                seen.append(dict(record.msg))

    def read() -> list[dict[str, Any]]:
        found = list(seen)
        seen.clear()
        return found

    level, listening = root.level, Listening()
    root.addHandler(listening)
    root.setLevel(logging.INFO)
    yield read
    root.setLevel(level)
    root.removeHandler(listening)


def test_its_lines_are_flasks(app: Flask, asked: list[str], lines: Callable[[], list[dict[str, Any]]]) -> None:
    """The same fields in the same order; the id that was sent; an id in the path, and nobody else's context."""
    stands = front_of(app)
    for path in (f"/api/services/{make_service().id}", "/api/services?q=secret"):
        tag = dict(ask(stands.app, path)[1])["ETag"]
        for headers in ({}, {"If_None_Match": tag}):
            ask(stands, path, **headers)
            lines()
            asked.clear()
            ask(stands.app, path, X_Request_ID="mine", **headers)
            (flasks,) = lines()
            asked.clear()
            ask(stands, path, X_Request_ID="mine", **headers)
            (ours,) = lines()
            assert asked == []
            assert [(name, value) for name, value in ours.items() if name not in {"at", "duration_ms"}] == [
                (name, value) for name, value in flasks.items() if name not in {"at", "duration_ms"}
            ]
            assert list(ours) == list(flasks)
            assert ours["duration_ms"] >= 0


def test_the_log_tells_who_comes_by_an_earlier_path(app: Flask, lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Each time."""
    path = f"/services/{make_service().id}"
    for _ in range(2):
        ask(app.wsgi_app, path)
    assert [line["earlier_path"] for line in lines()] == [True, True]


def counted() -> dict[str, float]:
    """Return the figures of requests, but for how long they took."""
    lines = generate_latest(figures.OWN).decode().splitlines()
    found = (line.rpartition(" ") for line in lines if line.startswith("parlour_http_request"))
    return {name: float(value) for name, _, value in found if "_count{" in name or "_total{" in name}


def grown(act: Callable[[], object]) -> dict[str, float]:
    """Return by how much the figures grow while something is done."""
    before = counted()
    act()
    return {name: value - before.get(name, 0) for name, value in counted().items() if value != before.get(name, 0)}


def test_its_figures_are_flasks(app: Flask, asked: list[str]) -> None:
    """One more of its method, route and status, and of its time."""
    stands, path = front_of(app), f"/api/services/{make_service().id}"
    for headers in ({}, {"If_None_Match": dict(ask(stands.app, path)[1])["ETag"]}):
        ask(stands, path, **headers)
        flasks = grown(lambda headers=headers: ask(stands.app, path, **headers))  # type: ignore[misc]  # bound now
        asked.clear()
        assert grown(lambda headers=headers: ask(stands, path, **headers)) == flasks  # type: ignore[misc]  # the same
        assert (asked, sorted(flasks.values())) == ([], [1, 1])


def test_it_counts_in_the_same_window(make: Make) -> None:
    """Whoever asks too often is refused, whoever of both has answered him before; others are not."""
    app = make(RATELIMIT_ENABLED="true", RATELIMIT_CALLER="6/minute")
    stands, path = front_of(app), f"/api/services/{make_service().id}"
    statuses = [ask(stands, path)[0] for _ in range(3)]
    statuses += [ask(stands.app, path)[0] for _ in range(2)]
    statuses += [ask(stands, path)[0]]
    assert statuses == ["200 OK"] * 6
    refused = ask(stands, path)
    assert (refused[0], "Retry-After" in dict(refused[1])) == ("429 TOO MANY REQUESTS", True)
    assert ask(stands.app, path)[0] == "429 TOO MANY REQUESTS"
    other = app.test_client().get(path, environ_base={"REMOTE_ADDR": "192.0.2.8"})
    assert other.status_code == 200


def test_limits_in_redis_are_flasks(make: Make) -> None:
    """And so are traces: then there is no front."""
    app = make(RATELIMIT_ENABLED="true", REDIS_URL="redis://127.0.0.1:1/0")
    assert not isinstance(app.wsgi_app, Front)


def test_what_it_keeps_is_bounded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is too much of it, all is forgotten; what is asked again and again takes its place once."""
    stands = front_of(app)
    monkeypatch.setattr(front, "MOST_BYTES", 10 * front.ENTRY_BYTES)
    for number in range(100):
        ask(stands, f"/api/services?q={number}")
    assert 0 < len(stands._answers) <= 11
    held = stands._bytes
    assert held == sum(
        answer.size + sum(len(word or "") for word in question) for question, answer in stands._answers.items()
    )
    count = len(stands._answers)
    for number in range(100):
        ask(stands, "/api/services?q=99", If_None_Match=f'"{number}"')
    assert (len(stands._answers), stands._bytes) == (count, held)


def test_a_change_is_seen_at_once(app: Flask, api: Api, count_statements: CountStatements) -> None:
    """By whoever was told of it; the tag of before is none any more."""
    admin, path = token_for(make_user(Role.ADMIN)), f"/api/services/{make_service().id}"
    tag = api.get(path).headers["ETag"]
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert api.patch(path, {"price": {"amount": 1}}, token=admin).status_code == 200
    after = api.get(path, headers={"If-None-Match": tag})
    assert (after.status_code, after.json["price"]["amount"]) == (200, 1)
    with count_statements() as statements:
        assert api.get(path).json == after.json
    assert len(statements) <= 1
