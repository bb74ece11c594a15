"""Methods that the API does not speak: 405 on a path that exists, 501 elsewhere (RFC 9110 §15.6.2)."""

from http import HTTPStatus

from flask import Flask, abort, request
from flask.globals import request_ctx

SPOKEN = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def install(app: Flask) -> None:
    """Refuse what no path of `app` could answer."""
    app.before_request(refuse_unspoken)


def refuse_unspoken() -> None:
    """Answer TRACE, CONNECT and invented methods; where the path exists, 405 with `Allow` comes of itself."""
    if request_ctx.request.method not in SPOKEN and not _path_exists():
        abort(HTTPStatus.NOT_IMPLEMENTED)


def _path_exists() -> bool:
    return getattr(request.routing_exception, "code", None) == HTTPStatus.METHOD_NOT_ALLOWED
