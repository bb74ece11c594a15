"""A request id on every answer, log line and problem; one log line per request."""

from __future__ import annotations

import os
import random
import re
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog
from flask import Flask, Request, Response, g
from flask.globals import request_ctx

from app.kit.origin import Origin, set_origin
from app.web import logs

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

HEADER = "X-Request-ID"

# They tell requests apart, and keep no secret; the system's own take a call each.
_made_ids = random.Random()  # noqa: S311  # nosec B311  # for that
os.register_at_fork(after_in_child=_made_ids.seed)

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_PARAMETER = re.compile(r"<(?:[^:<>]+:)?(?P<name>[^<>]+)>")
_NO_PLAIN_WORD = re.compile(r"/(?![a-z_-]{1,32}(?:/|\Z))[^/]+")

_QUOTED = re.compile(r"[^A-Za-z0-9_.~/*-]")
"""What `quote` would change; it takes long to find nothing."""


def install(app: Flask) -> None:
    """Trace the requests of `app`. Called before all other hooks: first in, last out."""
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    """Take the request in."""
    g.began = perf_counter()
    g.request_id = enter(request_ctx.request.environ)


def end(response: Response) -> Response:
    """Send the request id along and write the request's line."""
    response.headers.add(HEADER, g.request_id)
    asked = request_ctx.request
    route = asked.url_rule.rule if asked.url_rule else None
    write_line(asked.method, route, loggable_path(asked), response.status_code, g.began)
    return response


def enter(environ: WSGIEnvironment) -> str:
    """Take the caller's request id where it is a decent one, else make one; let the log know it, and return it."""
    sent = environ.get("HTTP_X_REQUEST_ID", "")
    request_id = sent if _GOOD_ID.fullmatch(sent) else f"{_made_ids.getrandbits(128):032x}"
    set_origin(Origin(environ.get("REMOTE_ADDR"), request_id, environ.get("HTTP_USER_AGENT", "")))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def write_line(method: str, route: str | None, path: str, status: int, began: float) -> None:
    """Write the line of a request that began then (`perf_counter`), in which nothing is secret or about people."""
    duration = round((perf_counter() - began) * 1000, 1)
    logs.write("request", method=method, route=route, path=path, status=status, duration_ms=duration)


def loggable_path(asked: Request) -> str:
    """Return the path as the log may show it: with ids and dates, and names in place of all other parameters.

    Whoever has a link with a token, has what the token opens. Where there is no such path, only its plain words stay:
    the rest may be anything, a mail address in the wrong place for one.
    """
    if asked.url_rule is None:
        path = _NO_PLAIN_WORD.sub("/*", asked.path)
    elif given := asked.view_args:
        path = _PARAMETER.sub(lambda found: _shown(found["name"], given), asked.url_rule.rule)
    else:
        path = asked.url_rule.rule
    return quote(path, safe="/*") if _QUOTED.search(path) else path


def _shown(name: str, given: dict[str, Any]) -> str:
    value = given.get(name)
    return str(value) if isinstance(value, int | date) else name.upper()
