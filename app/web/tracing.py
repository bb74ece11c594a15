"""A request id on every answer, log line and problem; one log line per request."""

import re
import secrets
from datetime import date
from time import perf_counter
from urllib.parse import quote

import structlog
from flask import Flask, Response, g, request

from app.kit.origin import Origin, set_origin

HEADER = "X-Request-ID"
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_PARAMETER = re.compile(r"<(?:[^:<>]+:)?(?P<name>[^<>]+)>")
_NO_PLAIN_WORD = re.compile(r"/(?![a-z_-]{1,32}(?:/|\Z))[^/]+")

log = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    """Trace the requests of `app`. Called before all other hooks: first in, last out."""
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    """Take the caller's request id where it is a decent one, else make one."""
    sent = request.headers.get(HEADER, "")
    g.request_id = sent if _GOOD_ID.fullmatch(sent) else secrets.token_hex(16)
    g.began = perf_counter()
    set_origin(Origin(request.remote_addr, g.request_id, str(request.user_agent)))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def end(response: Response) -> Response:
    """Send the request id along and write the request's line, in which nothing is secret or about people."""
    response.headers[HEADER] = g.request_id
    log.info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        path=quote(_loggable_path(), safe="/*"),
        status=response.status_code,
        duration_ms=round((perf_counter() - g.began) * 1000, 1),
    )
    return response


def _loggable_path() -> str:
    """Return the path as the log may show it: with ids and dates, and names in place of all other parameters.

    Whoever has a link with a token, has what the token opens. Where there is no such path, only its plain words stay:
    the rest may be anything, a mail address in the wrong place for one.
    """
    if request.url_rule is None:
        return _NO_PLAIN_WORD.sub("/*", request.path)
    return _PARAMETER.sub(_shown, request.url_rule.rule)


def _shown(parameter: re.Match[str]) -> str:
    value = (request.view_args or {}).get(parameter["name"])
    return str(value) if isinstance(value, int | date) else parameter["name"].upper()
