"""The errors of each documented operation, worked out from its guard, its path and what it takes."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from app.web.json_gate import InvalidJson
from app.web.problems import CODES, MEDIA_TYPE, Problem
from app.web.uploads import FORM, InvalidForm

View = TypeVar("View", bound=Callable[..., Any])
Answers = dict[int, dict[str, str]]
"""The titles of an operation's problems, by status and code."""


class Decorator(Protocol):
    """What wraps or marks a view and looks like it."""

    def __call__(self, view: View) -> View:
        """Return the view."""


NOTES = "house"
"""Where a view's notes stand among those of flask-smorest."""

BEARER = "bearerAuth"
SCHEMA = {"$ref": "#/components/schemas/Problem"}
HEADERS = {
    401: {"WWW-Authenticate": {"description": "`Bearer`, as RFC 6750 has it.", "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}},
    503: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}},
}
SAMPLES = {"id": "1", "date": "2026-12-01", "text": "SHAMPOO-250", "token": "17-0Zt4kq9mXyA2bC3dE4fG5hI6jK7"}
"""What stands in an example's path, by converter."""

_PLACE = re.compile(r"<(\w+):\w+>")


def noting(**notes: Any) -> Decorator:
    """Note facts about a view, in place, for `complete` to read; tuples are added to what is noted already."""

    def note(view: View) -> View:
        apidoc = dict(getattr(view, "_apidoc", {}))
        known = apidoc.get(NOTES, {})
        added = {name: (*known.get(name, ()), *fact) for name, fact in notes.items() if isinstance(fact, tuple)}
        apidoc[NOTES] = {**known, **notes, **added}
        view.__dict__["_apidoc"] = apidoc
        return view

    return note


def complete(doc: dict[str, Any], doc_info: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Return `doc` with its operation id, its security, and an answer for every error."""
    notes = doc_info.get(NOTES, {})
    guard = notes.get("guard")
    answers = {status: said for status, said in doc.get("responses", {}).items() if not isinstance(said, str)}
    place = _PLACE.sub(lambda found: SAMPLES[found[1]], notes.get("rule", ""))
    for status, titles in errors(doc, notes).items():
        answers[status] = answer(status, titles, place, first_field(doc))
    if notes.get("may_be_known"):
        answers[304] = {"description": "It is as your `If-None-Match` knows it."}
    answers["default"] = {"description": "Any other problem.", "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
    security: list[dict[str, list[str]]] = [{BEARER: []}] if is_guarded(guard) else []
    said = {"operationId": notes.get("name", ""), "security": security, "responses": answers}
    parameters = [*doc.get("parameters", []), *notes.get("parameters", ())]
    return {**doc, **said, "parameters": parameters, "x-roles": sorted(getattr(guard, "roles", ()))}


def errors(doc: dict[str, Any], notes: dict[str, Any]) -> Answers:
    """Return the problems that an operation may answer with."""
    refusals = (*getattr(notes.get("guard"), "refusals", ()), *notes.get("refusals", ()))
    known = [(refusal.status, refusal.code, refusal.title) for refusal in refusals]
    found: Answers = defaultdict(dict)
    for status, code, title in (*usual(doc, notes), *known):
        found[status][code] = title
    return dict(sorted(found.items()))


def usual(doc: dict[str, Any], notes: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    """Yield status, code and title of the problems that follow from what an operation takes."""
    statuses = [429, 503]
    if "<" in notes.get("rule", ""):
        statuses.append(404)
    if "requestBody" in doc:
        invalid = InvalidForm if FORM in doc["requestBody"]["content"] else InvalidJson
        yield invalid.status, invalid.code, invalid.title
        statuses += [413, 415]
    if "requestBody" in doc or doc.get("parameters"):
        statuses.append(422)
    for status in statuses:
        yield (status, *CODES[status])


def answer(status: int, titles: dict[str, str], place: str, field: str) -> dict[str, Any]:
    """Return how the answers of one status are documented: each code, and an example of it."""
    wrong = {field: ["Missing data for required field."]} if field and status == HTTPStatus.UNPROCESSABLE_ENTITY else {}
    examples = {
        code: {"value": Problem(status, code, title, errors=wrong).body(place, "5c1f0a6be2d94d0fa1b2c3d4e5f60718")}
        for code, title in titles.items()
    }
    return {
        "description": "\n".join(f"- `{code}` {title}" for code, title in titles.items()),
        "headers": HEADERS.get(status, {}),
        "content": {MEDIA_TYPE: {"schema": SCHEMA, "examples": examples}},
    }


def first_field(doc: dict[str, Any]) -> str:
    """Return the name of a field that the operation takes; empty where it takes none."""
    bodies = [content["schema"] for content in doc.get("requestBody", {}).get("content", {}).values()]
    queries = [one["schema"] for one in doc.get("parameters", []) if one.get("in") == "query"]
    fields = [field for schema in bodies + queries for field in schema.load_fields.values()]
    fields.sort(key=lambda field: not field.required)
    return str(fields[0].data_key or fields[0].name) if fields else ""


def is_guarded(guard: Any) -> bool:
    """Say whether a view's guard asks for a token."""
    return guard is not None and not getattr(guard, "public", False)
