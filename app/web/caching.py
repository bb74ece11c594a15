"""Answers that may be kept (api.md §1): who has the present one is told so, without the body (RFC 9110 §8.8)."""

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.http import parse_etags

from app.web.error_docs import noting

PARAMETER = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The `ETag` of the answer that you have; where it is still the present one: 304.",
    "schema": {"type": "string"},
}

View = Callable[..., Response]


def cacheable(view: View) -> View:
    """Give the answers of a public read a weak `ETag` over the body. Caches ask before they use what they have.

    Who is signed in may be shown more, the own or what only admins see: such an answer no cache keeps. Its `ETag` is
    for whoever has it in hand. An answer that says `no-store` itself stays as it is.
    """

    @functools.wraps(view)
    def known(*args: Any, **kwargs: Any) -> Response:
        answer = view(*args, **kwargs)
        if answer.cache_control.no_store:
            return answer
        headers, signed_in = answer.headers, "Authorization" in request.headers
        headers["Cache-Control"] = "no-store" if signed_in else "public, no-cache"
        if "Vary" in headers:
            answer.vary.add("Authorization")
        else:
            headers.add("Vary", "Authorization")
        if "ETag" not in headers:
            answer.add_etag(weak=True)
        leave_out_if_known(answer)
        return answer

    return noting(parameters=(PARAMETER,), may_be_known=True)(known)


def leave_out_if_known(answer: Response) -> None:
    """Make a read's answer, which has an `ETag`, a 304 where the caller says in `If-None-Match` to have it.

    `If-Match` is for changes, and says nothing here.
    """
    known, tag = request.headers.get("If-None-Match"), answer.headers["ETag"]
    if known is not None and (known == tag or parse_etags(known).contains_weak(tag.removeprefix("W/").strip('"'))):
        answer.status_code = HTTPStatus.NOT_MODIFIED
