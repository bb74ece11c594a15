"""The errors of each documented operation, worked out from its guard, its path and what it takes."""

from collections import defaultdict
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from app.web.problems import CODES

View = TypeVar("View", bound=Callable[..., Any])
Answers = dict[int, list[str]]


class Decorator(Protocol):
    """What wraps or marks a view and looks like it."""

    def __call__(self, view: View) -> View:
        """Return the view."""


NOTES = "house"
"""Where a view's notes stand among those of flask-smorest."""

BEARER = "bearerAuth"
PROBLEM_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

GUARD_ERRORS: Answers = {401: ["unauthorized"], 403: ["forbidden"]}
BODY_ERRORS: Answers = {
    400: ["invalid_json"],
    413: ["body_too_large"],
    415: ["unsupported_media_type"],
    422: ["validation_failed"],
}


def noting(**notes: Any) -> Decorator:
    """Note facts about a view, in place, for `complete` to read."""

    def note(view: View) -> View:
        apidoc = dict(getattr(view, "_apidoc", {}))
        apidoc[NOTES] = {**apidoc.get(NOTES, {}), **notes}
        view.__dict__["_apidoc"] = apidoc
        return view

    return note


def complete(doc: dict[str, Any], doc_info: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Return `doc` with its operation id, its security, and an answer for every error."""
    notes = doc_info.get(NOTES, {})
    guarded = is_guarded(notes.get("guard"))
    answers = {status: said for status, said in doc.get("responses", {}).items() if not isinstance(said, str)}
    for status, codes in errors(doc, notes, guarded=guarded).items():
        answers[status] = {"description": describe(status, codes), "content": PROBLEM_CONTENT}
    answers["default"] = {"description": "Any other problem.", "content": PROBLEM_CONTENT}
    security: list[dict[str, list[str]]] = [{BEARER: []}] if guarded else []
    said = {"operationId": notes.get("name", ""), "security": security, "responses": answers}
    return {**doc, **said, "x-roles": sorted(getattr(notes.get("guard"), "roles", ()))}


def errors(doc: dict[str, Any], notes: dict[str, Any], *, guarded: bool) -> Answers:
    """Return the codes that an operation may answer with, by status."""
    found: Answers = defaultdict(list)
    usual = [GUARD_ERRORS] if guarded else []
    if "<" in notes.get("rule", ""):
        usual.append({404: ["not_found"]})
    if "requestBody" in doc:
        usual.append(BODY_ERRORS)
    elif doc.get("parameters"):
        usual.append({422: ["validation_failed"]})
    own = [{refusal.status: [f"{refusal.code}: {refusal.title}"]} for refusal in notes.get("refusals", ())]
    for status, codes in [pair for answers in (*usual, *own) for pair in answers.items()]:
        found[status].extend(codes)
    return dict(sorted(found.items()))


def describe(status: int, codes: list[str]) -> str:
    """Return the text that stands beside `status`: its codes, a line each."""
    title = CODES[status][1] if status in CODES else f"{HTTPStatus(status).phrase}."
    full = [code if ": " in code else f"{code}: {title}" for code in codes]
    return "\n".join("- `{}` {}".format(*line.split(": ", 1)) for line in full)


def is_guarded(guard: Any) -> bool:
    """Say whether a view's guard asks for a token."""
    return guard is not None and not getattr(guard, "public", False)
