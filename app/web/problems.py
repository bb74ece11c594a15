"""Every error as a problem (RFC 9457): one shape, whoever raised it, and never a word about our insides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

import structlog
from flask import Flask, Response, current_app, g, got_request_exception, request
from marshmallow import INCLUDE, fields
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app.kit.errors import Refusal, StaleVersion
from app.web.fields import ListOf, Nested, Text, Whole
from app.web.outages import is_outage
from app.web.schemas import Schema
from app.web.slots import SlotOut

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
"""Fields named in one problem; an answer stays small however wrong the request is."""
LONGEST_INSTANCE = 2000
"""Of a longer path, a problem names the beginning."""

RETRY_SECONDS = "1"

CODES = {
    404: ("not_found", "There is no such thing, or it is not yours to see."),
    405: ("method_not_allowed", "This path does not take that method."),
    408: ("request_timeout", "The body stopped coming."),
    413: ("body_too_large", "The body is too large."),
    414: ("uri_too_long", "The address is too long."),
    415: ("unsupported_media_type", "The body has the wrong content type."),
    422: ("validation_failed", "Some fields are not acceptable."),
    429: ("too_many_requests", "Too many requests."),
    500: ("internal_error", "Something went wrong on our side."),
    503: ("unavailable", "Try again in a moment."),
}
"""Code and title of errors that the framework raises; the others are called by their HTTP phrase."""

ROUTE_NOT_FOUND = ("route_not_found", "There is no such path.")

log = structlog.get_logger(__name__)


class ProblemSchema(Schema):
    """An error (RFC 9457). Some codes add members of their own."""

    class Meta:
        """Extension members are allowed, RFC 9457 §3.2."""

        unknown = INCLUDE

    type = Text(required=True, metadata={"example": "/problems/validation_failed"})
    title = Text(required=True)
    status = Whole(required=True, min=400, max=599)
    detail = Text(required=True, max=2000)
    instance = Text(required=True, max=LONGEST_INSTANCE, metadata={"description": "The path that was asked."})
    code = Text(required=True, metadata={"description": "Stable; meant for programs."})
    request_id = Text(required=True, metadata={"description": "Find this request in the log by it."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "What is wrong, by dotted path of the field."},
    )
    alternatives = ListOf(
        Nested(SlotOut),
        metadata={"description": "What can be had instead, where a time is refused: up to five slots."},
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """What a problem says; see `ProblemSchema`."""

    status: int
    code: str
    title: str
    detail: str = ""
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def named(cls, status: int, headers: Mapping[str, str] | None = None) -> Self:
        """Return the problem that is known by its status alone."""
        phrase = HTTPStatus(status).phrase
        code, title = CODES.get(status, (phrase.lower().replace(" ", "_").replace("-", "_"), f"{phrase}."))
        return cls(status, code, title, headers=headers or {})

    def body(self, instance: str, request_id: str) -> dict[str, Any]:
        """Return what the answer to a request for the path `instance` says."""
        said: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail or self.title,
            "instance": instance[:LONGEST_INSTANCE],
            "code": self.code,
            "request_id": request_id,
        }
        if self.errors:
            said["errors"] = dict(list(self.errors.items())[:MOST_ERRORS])
        return {**said, **self.extra}

    def response(self) -> Response:
        """Return the HTTP answer."""
        text = current_app.json.dumps(self.body(request.path, g.get("request_id", "")))
        answer = Response(text, self.status, mimetype=MEDIA_TYPE)
        answer.headers.update({"Cache-Control": "no-store", **self.headers})
        return answer


def install(app: Flask) -> None:
    """Answer every error of `app` with a problem, in debug and testing too."""
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    app.register_error_handler(Refusal, from_refusal)
    app.register_error_handler(StaleDataError, from_stale)
    app.register_error_handler(HTTPException, from_http)
    app.register_error_handler(Exception, from_unexpected)


def from_refusal(refusal: Refusal) -> Response:
    """Answer a refusal of ours, with all that it tells."""
    said = (refusal.status, refusal.code, refusal.title, refusal.detail)
    headers = dict(refusal.headers)
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", RETRY_SECONDS)
    return Problem(*said, errors=refusal.errors, extra=refusal.extra, headers=headers).response()


def from_stale(_error: StaleDataError) -> Response:
    """Answer a change of what somebody else has changed at the same moment: the version counter has refused it."""
    return from_refusal(StaleVersion())


def from_http(error: HTTPException) -> Response:
    """Answer an error of the framework: no such path, wrong method, too large and so on."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.NOT_FOUND:  # a room's own is a refusal
        return Problem(status, *ROUTE_NOT_FOUND).response()
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return Problem.named(status, headers).response()


def from_unexpected(error: Exception) -> Response:
    """Answer 503 where trying again may help, else 500; the log has the trace, the answer nothing of it."""
    if is_outage(error):
        log.warning("database_unavailable", exc_info=error)
        return Problem.named(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": RETRY_SECONDS}).response()
    log.error("unexpected_error", exc_info=error)
    # Flask tells this itself of errors that nobody handles; ours are handled, and no less unexpected.
    got_request_exception.send(current_app._get_current_object(), exception=error)  # type: ignore[attr-defined]  # noqa: SLF001  # as Flask's manual says
    return Problem.named(HTTPStatus.INTERNAL_SERVER_ERROR).response()
