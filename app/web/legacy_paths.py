"""Paths of earlier backends: one table, by which method and path are rewritten before routing.

Bodies and answers are the canonical ones; those of signing in carry besides what earlier frontends read there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app, request
from flask.globals import request_ctx

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SINCE: Final = 1_793_491_200
"""2026-11-01: since when they are deprecated (RFC 9745), in Unix seconds."""

MOST_STEPS: Final = 8
"""How often one path is rewritten: longer chains lead nowhere, and must not cost anything."""

SUCCESSOR: Final = "parlour.successor"
SIGNS_IN: Final = "parlour.signs_in"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A row of the table: what is asked for by which methods (none: all), and what that is here.

    `method` is the one that it becomes, where it is another; `signs_in` where the answer carries `token` as well.
    """

    pattern: re.Pattern[str]
    path: str
    methods: frozenset[str]
    method: str | None = None
    signs_in: bool = False


def _row(pattern: str, path: str, methods: str = "", *, method: str | None = None, signs_in: bool = False) -> Earlier:
    return Earlier(re.compile(f"(?:{pattern})/?", re.DOTALL), path, frozenset(methods.split()), method, signs_in)


TABLE: Final = (
    _row(r"/api/v[12](/.*)", r"/api\1"),
    _row(r"(?:/api|/api/users|/auth)/(register|login)", r"/api/auth/\1", "POST", signs_in=True),
    _row(r"/auth/(refresh|logout)", r"/api/auth/\1", "POST"),
    _row(r"(?:/api)?/me|/api/auth/(?:me|profile)|/api/users/profile", "/api/users/me", "GET PATCH PUT"),
    _row(r"(/services|/bookings(?!/manage/)|/reviews)(/.*|)", r"/api\1\2"),  # pages of our own are below the exception
    _row(r"/api/employees(/.*|)", r"/api/staff\1"),
    _row(r"/api/(spaces|bookings|payments)/\1(/.*|)", r"/api/\1\2"),
    _row(r"(/api/bookings/[0-9]+/(?:approve|decline|cancel))", r"\1", "PUT PATCH", method="POST"),
    _row(r"(/api/inventory/[^/]+)/update_stock", r"\1/stock", "PUT"),
    _row(r"/api/sales/retail", "/api/sales", "POST"),
    _row(r"/api/assignments(/.*|)", r"/api/services/assignments\1"),
    _row(r"/api/availability", "/api/bookings/availability"),
    _row(r"(/api/(?:services|products|users|staff|bookings)/[0-9]+|/api/users/me)", r"\1", "PUT", method="PATCH"),
)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What an earlier request is here; `changed` says whether it is another one at all."""

    method: str
    path: str
    changed: bool = False
    signs_in: bool = False


def rewritten(method: str, path: str) -> Rewritten:
    """Apply the rows until none matches."""
    found = Rewritten(method, path)
    for _ in range(MOST_STEPS):
        following = _step(found)
        if following is None:
            break
        found = following
    return found


def _step(now: Rewritten) -> Rewritten | None:
    for row in TABLE:
        match = row.pattern.fullmatch(now.path)
        if match and (not row.methods or now.method in row.methods):
            return Rewritten(row.method or now.method, match.expand(row.path), True, now.signs_in or row.signs_in)
    return None


def install(app: Flask) -> None:
    """Serve the earlier paths of `app`."""
    app.wsgi_app = Rewriting(app.wsgi_app)  # type: ignore[method-assign]  # as Flask's manual has it
    app.before_request(note)
    app.after_request(announce)


class Rewriting:
    """Hands earlier requests on as what they are here."""

    def __init__(self, app: WSGIApplication) -> None:
        """Wrap `app`."""
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request as the wrapped application does."""
        method = environ["REQUEST_METHOD"]
        found = rewritten(_meant(environ), environ.get("PATH_INFO", ""))
        if found.changed:
            environ["PATH_INFO"] = found.path
            environ[SUCCESSOR] = quote(found.path.encode("latin-1"))
            environ[SIGNS_IN] = found.signs_in and method == "POST"
            if method not in {"OPTIONS", "HEAD"}:
                environ["REQUEST_METHOD"] = found.method
        return self.app(environ, start_response)


def _meant(environ: WSGIEnvironment) -> str:
    """Return the method that a request is about: a preflight asks for another one's sake."""
    method: str = environ["REQUEST_METHOD"]
    if method == "OPTIONS":
        return str(environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", method))
    return "GET" if method == "HEAD" else method


def note() -> None:
    """Say in the log who still comes by an earlier path."""
    if SUCCESSOR in request_ctx.request.environ:
        structlog.contextvars.bind_contextvars(earlier_path=True)


def announce(response: Response) -> Response:
    """Say that the path is an earlier one, and which took its place."""
    successor = request_ctx.request.environ.get(SUCCESSOR)
    if successor is None:
        return response
    if request.environ[SIGNS_IN] and response.status_code in {200, 201}:
        _add_token(response)
    return deprecated(response, successor)


def deprecated(response: Response, successor: str) -> Response:
    """Mark an answer as that of an earlier path (RFC 9745)."""
    response.headers["Deprecation"] = f"@{SINCE}"
    response.headers["Link"] = f'<{successor}>; rel="successor-version"'
    return response


def _add_token(response: Response) -> None:
    said = response.get_json()
    more = {"token": said["access_token"], "message": "Signed in."}
    response.set_data(current_app.json.dumps(said | more))
