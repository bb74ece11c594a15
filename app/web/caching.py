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

    What is shown depends on who asks: caches that many people share keep only what nobody signed in for.
    """

    @functools.wraps(view)
    def known(*args: Any, **kwargs: Any) -> Response:
        answer = view(*args, **kwargs)
        answer.add_etag(weak=True)
        answer.headers["Cache-Control"] = f"{'private' if 'Authorization' in request.headers else 'public'}, no-cache"
        answer.vary.add("Authorization")
        answer.make_conditional(request)
        return answer

    return noting(parameters=(PARAMETER,), may_be_known=True)(known)
