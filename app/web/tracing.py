"""A request id on every answer, log line and problem; one log line per request."""

import re
import secrets
from time import perf_counter
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app, g, request
from werkzeug.routing import Map

from app.kit.origin import Origin, set_origin

HEADER = "X-Request-ID"
_KNOWN = "tracing.before_tokens"
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

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
    """Send the request id along and write the request's line: the path without its query, and without a token in it."""
    response.headers[HEADER] = g.request_id
    log.info(
        "request",
        method=request.method,
        path=quote(_path_without_token()),
        status=response.status_code,
        duration_ms=round((perf_counter() - g.began) * 1000, 1),
    )
    return response


def _path_without_token() -> str:
    """Return the path as the log may show it: whoever has a link with a token, has what the token opens.

    It need not lead anywhere: a link is written wrongly, or called by another method, and has its token still.
    """
    known: re.Pattern[str] | None = current_app.extensions.get(_KNOWN)
    if known is None:
        known = current_app.extensions[_KNOWN] = _before_tokens(current_app.url_map)
    return known.sub(r"\1TOKEN", request.path)


def _before_tokens(paths: Map) -> re.Pattern[str]:
    """Return what finds, behind the beginnings of all paths with a token, the segment that is one."""
    before = {
        rule.rule.partition("<token:")[0].strip("/").removeprefix("api/")
        for rule in paths.iter_rules()
        if "<token:" in rule.rule
    }
    beginnings = "|".join(re.escape(one).replace("/", "/+") for one in sorted(before))
    return re.compile(rf"((?:^|/)(?:{beginnings})/+)[^/]+", re.IGNORECASE) if before else re.compile(r"(?!)()")
