"""What Postman runs around a request, in JavaScript: above all the tests of its answer."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

Json = dict[str, Any]

PROBLEM = "application/problem+json"
TESTS = (
    "const type = (pm.response.headers.get('Content-Type') || '').split(';')[0];",
    f"const documented = (answers[pm.response.code] || {{ '{PROBLEM}': {{}} }})[type];",
    "pm.test('the content type is as documented', () => pm.expect(documented, type).to.exist);",
    "if (type.endsWith('json')) {",
    "  pm.test('the fields are as documented', () => pm.response.to.have.jsonSchema(documented));",
    "}",
)


def script(listen: str, lines: Iterable[str]) -> Json:
    """Return an event: lines of JavaScript before a request (`prerequest`) or after it (`test`)."""
    return {"listen": listen, "script": {"type": "text/javascript", "exec": list(lines)}}


def tests_of_answer(document: Json, operation: Json, status: int) -> list[str]:
    """Return tests: the status, and the content type and fields that the document has for it."""
    good = status < HTTPStatus.BAD_REQUEST
    answers = {status: _contents(document, operation["responses"][str(status)])} if good else {}
    return [
        f"pm.test('the status is {status}', () => pm.expect(pm.response.code).to.eql({status}));",
        f"const answers = {json.dumps(answers)};",
        *TESTS,
    ]


def tests_of_problems(document: Json) -> list[str]:
    """Return a test for the whole collection: every refusal has the fields of a problem."""
    return [
        f"if ((pm.response.headers.get('Content-Type') || '').startsWith('{PROBLEM}')) {{",
        f"  const problem = {json.dumps(_shape(document, {'$ref': '#/components/schemas/Problem'}))};",
        "  pm.test('the problem has its fields', () => pm.response.to.have.jsonSchema(problem));",
        "  pm.test('the problem has the status', () => pm.expect(pm.response.json().status).to.eql(pm.response.code));",
        "}",
    ]


def _contents(document: Json, response: Json) -> Json:
    """Return the shape of an answer's body by its content type; "" is the type of none."""
    contents = response.get("content") or {"": {"schema": {}}}
    return {media_type: _shape(document, content["schema"]) for media_type, content in contents.items()}


def _shape(document: Json, schema: Json) -> Json:
    """Return what is checked of a schema: which fields there are, and of what types; in lists, of each item."""
    if "$ref" in schema:
        return _shape(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    members = schema.get("properties", {})
    shape = {
        "required": schema.get("required", []),
        "properties": {name: _kind(document, member) for name, member in members.items() if "type" in member},
    }
    return {key: value for key, value in shape.items() if value}


def _kind(document: Json, member: Json) -> Json:
    kind: Json = {"type": [member["type"], "null"] if member.get("nullable") else member["type"]}
    if "$ref" in member.get("items", {}):
        kind["items"] = {"required": _shape(document, member["items"]).get("required", [])}
    return kind
