"""Rehearsal (api.md §1): `?dry_run=true` does all that the request would do, shows it, and takes it back."""

import functools
from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, request

from app.kit.errors import Invalid
from app.transactions import rehearsing
from app.web.error_docs import NOTES, noting

PARAMETER = {
    "in": "query",
    "name": "dry_run",
    "description": "Check everything and answer 200 with the would-be body, its ids null; write nothing.",
    "schema": {"type": "boolean", "default": False},
}

NOT_YET = ("id", "reference")
"""What a thing has once it is there: a rehearsal answers null for these."""

View = Callable[..., Response]


def can_rehearse(view: View) -> bool:
    """Say whether a view, or what it wraps, says of itself that it takes `dry_run`."""
    noted = getattr(view, "_apidoc", {}).get(NOTES, {}).get("parameters", ())
    return any(parameter["name"] == PARAMETER["name"] for parameter in noted)


def is_rehearsal() -> bool:
    """Say whether the present request asks for a rehearsal. Raises `Invalid` for what is neither yes nor no."""
    asked = request.args.get("dry_run", "false")
    if asked not in {"true", "false"}:
        raise Invalid.field("dry_run", "Must be true or false.")
    return asked == "true"


def rehearsable(view: View) -> View:
    """Let a view be rehearsed. It stands around the answer, inside the transaction."""

    @functools.wraps(view)
    def acted(*args: Any, **kwargs: Any) -> Response:
        if not is_rehearsal():
            return view(*args, **kwargs)
        with rehearsing():
            answer = view(*args, **kwargs)
        return _would_be(answer)

    return noting(parameters=(PARAMETER,))(acted)


def _would_be(answer: Response) -> Response:
    body = orjson.loads(answer.get_data())
    return Response(orjson.dumps(body | dict.fromkeys(NOT_YET & body.keys())), 200, mimetype="application/json")
