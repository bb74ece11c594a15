"""Every endpoint once, by tag: with an example of what it takes, sent as an admin unless it is for everybody."""

import json
from collections.abc import Iterator
from http import HTTPStatus

from app.web.examples import example, sample
from app.web.postman.scripts import Json, script, tests_of_answer
from app.web.uploads import FORM

UNASKED = {304, 401}
"""What no request here is answered: none names an ETag, and each is signed in."""

BODIES: dict[str, Json] = {
    "/api/auth/login": {"email": "{{email}}", "password": "{{password}}"},
    "/api/auth/refresh": {"refresh_token": "{{refresh_token}}"},
    "/api/users/me/password": {"current_password": "{{password}}", "new_password": "{{password}}"},
}
"""What is sent instead of the example, so that the environment's account stays as it is."""

KEEP_TOKENS = (
    "if (pm.response.code === 200) {",
    "  const tokens = pm.response.json();",
    "  for (const name of ['access_token', 'refresh_token']) pm.environment.set(name, tokens[name]);",
    "}",
)
SIGNED_OUT = ("pm.environment.unset('access_token');",)
AFTERWARDS = {
    "/api/auth/login": KEEP_TOKENS,
    "/api/auth/refresh": KEEP_TOKENS,
    "/api/auth/logout": SIGNED_OUT,
    "/api/auth/logout-all": SIGNED_OUT,
    "/api/users/me/password": SIGNED_OUT,
}


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and operation of all there are; the operation has the parameters of its path as well."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict):
                shared = methods.get("parameters", [])
                yield path, method.upper(), {**operation, "parameters": [*shared, *operation.get("parameters", [])]}


def endpoint_folders(document: Json) -> list[Json]:
    """Return a folder for each tag, with a request for each operation."""
    requests: dict[str, list[Json]] = {tag["name"]: [] for tag in document["tags"]}
    for path, method, operation in operations(document):
        requests[operation["tags"][0]].append(_item(document, path, method, operation))
    return [{"name": tag, "item": items} for tag, items in requests.items()]


def _item(document: Json, path: str, method: str, operation: Json) -> Json:
    request: Json = {
        "method": method,
        "header": [],
        "url": _url(path, operation),
        "description": operation.get("description", ""),
    }
    if not operation["security"]:
        request["auth"] = {"type": "noauth"}
    if "requestBody" in operation:
        _add_body(document, path, operation["requestBody"]["content"], request)
    tests = [*tests_of_answer(document, operation, _statuses(operation)), *AFTERWARDS.get(path, ())]
    return {"name": operation["summary"], "event": [script("test", tests)], "request": request}


def _statuses(operation: Json) -> list[int]:
    """Return what may be answered: nothing that says that the server is at fault."""
    documented = [int(status) for status in operation["responses"] if status.isdecimal()]
    unasked = UNASKED if operation["security"] else UNASKED - {401}
    return [status for status in documented if status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in unasked]


def _add_body(document: Json, path: str, contents: Json, request: Json) -> None:
    """Add the example of what is sent; of a form, the person who sends it chooses the files."""
    ((media_type, content),) = contents.items()
    body = BODIES.get(path) or content.get("example") or example(document, content["schema"])
    if media_type == FORM:
        request["body"] = {"mode": "formdata", "formdata": list(_parts(document, content["schema"], body))}
        return
    request["header"].append({"key": "Content-Type", "value": "application/json"})
    request["body"] = {"mode": "raw", "raw": json.dumps(body, indent=2, ensure_ascii=False)}


def _parts(document: Json, schema: Json, body: Json) -> Iterator[Json]:
    members = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    for name, value in body.items():
        is_file = members[name].get("format") == "binary"
        yield {"key": name, **({"type": "file", "src": []} if is_file else {"type": "text", "value": value})}


def _url(path: str, operation: Json) -> Json:
    placed = {one["name"]: str(sample(one["schema"])) for one in operation["parameters"] if one["in"] == "path"}
    asked = [one for one in operation["parameters"] if one["in"] == "query"]
    return address(path, placed) | {
        "query": [
            {
                "key": one["name"],
                "value": str(sample(one["schema"])),
                "disabled": not one.get("required", False),
                "description": one.get("description", ""),
            }
            for one in asked
        ],
    }


def address(path: str, placed: dict[str, str]) -> Json:
    """Return the URL of a documented path; `placed` has what stands in its places."""
    parts = [f":{part[1:-1]}" if part.startswith("{") else part for part in path.strip("/").split("/")]
    return {
        "raw": "{{base_url}}/" + "/".join(parts),
        "host": ["{{base_url}}"],
        "path": parts,
        "variable": [{"key": name, "value": value} for name, value in placed.items()],
    }
