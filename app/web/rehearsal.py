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


def describe_rehearsals(whole: dict[str, Any]) -> None:
    """Document, beside the 201 of what can be rehearsed, the 200 of a rehearsal."""
    for path in whole["paths"].values():
        for operation in (one for one in path.values() if isinstance(one, dict)):
            answers, names = operation["responses"], {parameter["name"] for parameter in operation["parameters"]}
            if PARAMETER["name"] in names and "201" in answers:
                answers["200"] = _rehearsal(whole["components"]["schemas"], answers["201"])


def _rehearsal(schemas: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """Return how a rehearsal of what answers with `made` is documented."""
    reference = _shown(schemas, made["content"]["application/json"]["schema"]["$ref"])
    return {"description": "What would be.", "content": {"application/json": {"schema": {"$ref": reference}}}}


def _shown(schemas: dict[str, Any], made: str) -> str:
    """Add what is shown in place of `made`, unless it is there, and return its reference."""
    place, _, name = made.rpartition("/")
    rehearsed = f"{name.removesuffix('Out')}Rehearsed"
    members = schemas[name]["properties"]
    nothing = {one: {"type": members[one]["type"], "nullable": True} for one in NOT_YET if one in members}
    schemas[rehearsed] = {**schemas[name], "properties": members | nothing}
    return f"{place}/{rehearsed}"


def _would_be(answer: Response) -> Response:
    body = orjson.loads(answer.get_data())
    return Response(orjson.dumps(body | dict.fromkeys(NOT_YET & body.keys())), 200, mimetype="application/json")
