"""Answers that may be kept (api.md §1): who has the present one is told so, without the body (RFC 9110 §8.8)."""

import functools
from collections.abc import Callable
from typing import Any

from flask import Response, request

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
        answer.add_etag(weak=True)
        answer.headers["Cache-Control"] = "no-store" if "Authorization" in request.headers else "public, no-cache"
        answer.vary.add("Authorization")
        leave_out_if_known(answer)
        return answer

    return noting(parameters=(PARAMETER,), may_be_known=True)(known)


def leave_out_if_known(answer: Response) -> None:
    """Make a read's answer a 304 where the caller has it; `If-Match` is for changes, and says nothing here."""
    answer.make_conditional({name: value for name, value in request.environ.items() if name != "HTTP_IF_MATCH"})
