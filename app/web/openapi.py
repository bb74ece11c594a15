"""The OpenAPI document: what flask-smorest gathers, completed."""

from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from flask import Flask
from flask_smorest import Api

from app.kit.money import LARGEST_AMOUNT
from app.web.error_docs import BEARER
from app.web.examples import example
from app.web.problems import ProblemSchema
from app.web.rehearsal import describe_rehearsals

TITLE = "Parlour API"
CONFIG = {"API_TITLE": TITLE, "API_VERSION": "1.0.0", "OPENAPI_VERSION": "3.0.3"}

DESCRIPTION = """Bookings, services and staff of a salon, a spa or a house with rooms to let.

Sign in by `POST /api/auth/login` and send the `access_token` as `Authorization: Bearer …`.
Instants are RFC 3339 with an offset; answers are in UTC. Money is in minor units. Every error is a problem
(RFC 9457) with a stable `code`. Lists go on by `next_cursor`."""

BEARER_SCHEME = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
MONEY: dict[str, Any] = {
    "type": "object",
    "description": "An amount in minor units (cents; for JPY, yen).",
    "properties": {
        "amount": {"type": "integer", "format": "int64"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "example": {"amount": 4500, "currency": "KES"},
}
MONEY_IN = {
    **MONEY,
    "properties": {
        "amount": {"type": "integer", "format": "int64", "minimum": 0, "maximum": LARGEST_AMOUNT},
        "currency": MONEY["properties"]["currency"],
    },
    "description": f"{MONEY['description']} The currency is the business's, and may be left out.",
    "required": ["amount"],
}
ALWAYS = frozenset({"Money", "MoneyIn", "Problem"})
BOUNDS = ("maxItems", "minItems", "maxLength", "minLength", "maximum", "minimum")
_UNDESCRIBED = "openapi_undescribed"
_SPEC = "openapi_spec"
_DOCUMENT = "openapi"
_READING = Lock()
_SCHEMAS = "#/components/schemas/"


def init_api(app: Flask, api: Api) -> None:
    """Bind `api` to `app` and describe what all operations refer to."""
    app.config.update(CONFIG)
    api.init_app(app)
    api.spec.components.schema("Problem", schema=ProblemSchema)
    api.spec.components.schema("Money", MONEY)
    api.spec.components.schema("MoneyIn", MONEY_IN)
    api.spec.components.security_scheme(BEARER, BEARER_SCHEME)
    api.spec.options["info"] = {"description": DESCRIPTION}
    api.spec.options["servers"] = [{"url": "/"}]
    app.extensions[_SPEC] = api.spec


def describe_later(app: Flask, describe: Callable[[], None]) -> None:
    """Let `describe` add to the document of `app` when that is first read: most processes are never asked for it."""
    app.extensions.setdefault(_UNDESCRIBED, []).append(describe)


def document(app: Flask) -> dict[str, Any]:
    """Return the whole document, made when first asked for; it is shared: to be read, not to be changed."""
    with _READING:
        if _DOCUMENT not in app.extensions:
            for describe in app.extensions.pop(_UNDESCRIBED, []):
                describe()
            app.extensions[_DOCUMENT] = _completed(app.extensions.pop(_SPEC).to_dict())
        whole: dict[str, Any] = app.extensions[_DOCUMENT]
        return whole


def _completed(whole: dict[str, Any]) -> dict[str, Any]:
    """Finish the document: bounds of requests are left out where only answers are described."""
    used = {operation["tags"][0] for operation in operations(whole)}
    whole["tags"] = [tag for tag in whole.get("tags", []) if tag["name"] in used]
    schemas = whole["components"]["schemas"]
    for name in schemas.keys() - _reachable(schemas, [whole["paths"]]) - ALWAYS:
        del schemas[name]  # flask-smorest's own, for its way of pages and errors
    sent = _reachable(schemas, (operation.get("requestBody") for operation in operations(whole)))
    for name in schemas.keys() - sent - ALWAYS:
        for member in schemas[name].get("properties", {}).values():
            _unbind(member)
    describe_rehearsals(whole)
    _say_null(whole)
    for operation in operations(whole):
        _describe(operation)
        _show_bodies(whole, operation)
    return whole


def operations(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every operation of the document."""
    for path in whole["paths"].values():
        yield from (operation for operation in path.values() if isinstance(operation, dict))


def _describe(operation: dict[str, Any]) -> None:
    """Keep the summary to one sentence, say which roles may call, and of what may be left out of a query nothing."""
    summary, _, more = operation.get("summary", "").partition(". ")
    operation["summary"] = f"{summary.removesuffix('.')}."
    roles = operation.get("x-roles")
    said = (more, operation.get("description", ""), f"Roles: {', '.join(roles)}." if roles else "")
    operation["description"] = "\n\n".join(part for part in said if part)
    for parameter in operation.get("parameters", []):
        if parameter["schema"].get("nullable"):
            _forbid_null(parameter["schema"])


def _forbid_null(schema: dict[str, Any]) -> None:
    del schema["nullable"], schema["default"]
    if "enum" in schema:
        schema["enum"] = [word for word in schema["enum"] if word is not None]


def _show_bodies(whole: dict[str, Any], operation: dict[str, Any]) -> None:
    """Give an example of what is sent, and of what is answered; problems have theirs already."""
    answers = (answer for status, answer in operation["responses"].items() if status.startswith("2"))
    for body in (operation.get("requestBody", {}), *answers):
        for content in body.get("content", {}).values():
            content.setdefault("example", example(whole, content["schema"]))


def _say_null(node: Any) -> None:
    """Make "an object, or null" of apispec's "one of these objects, or any object, or null".

    Where words are listed, null is one of them: OpenAPI 3.0.3 has it that `nullable` alone does not allow it.
    """
    if isinstance(node, dict):
        if node == {"type": "object", "nullable": True}:
            node["enum"] = [None]
        elif node.get("nullable") is True and None not in node.get("enum", [None]):
            node["enum"] = [*node["enum"], None]
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            _say_null(child)


def _reachable(schemas: dict[str, Any], roots: Any) -> set[str]:
    found: set[str] = set()
    waiting = list(_references(list(roots)))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(schemas[name]))
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str) and node["$ref"].startswith(_SCHEMAS):
            yield node["$ref"].removeprefix(_SCHEMAS)
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _references(child)


def _unbind(member: dict[str, Any]) -> None:
    for bound in BOUNDS:
        member.pop(bound, None)
    if "items" in member:
        _unbind(member["items"])
