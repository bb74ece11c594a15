"""The OpenAPI document as a Postman collection (v2.1), for developers who integrate. The same every time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask import Flask

from app.web import openapi
from app.web.examples import example, sample
from app.web.uploads import FORM

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
FOLDER = "postman"
TOKEN_PATHS = ("/login", "/register", "/refresh")
"""Requests whose answer carries tokens for those that follow."""

DEMO_ADMIN = {"email": "admin@parlour.example", "password": "parlour-demo-2026"}
"""Whom `seed.py` makes; another account is another value in the environment."""

KEEP_TOKENS = (
    "const answer = pm.response.code < 300 ? pm.response.json() : {};",
    "for (const name of ['access_token', 'refresh_token']) {",
    "  if (answer[name]) pm.environment.set(name, answer[name]);",
    "}",
)

Json = dict[str, Any]


def collection(document: Json) -> Json:
    """Return the collection: a folder per tag, a request per operation, each with a test of its status."""
    requests: dict[str, list[Json]] = {tag["name"]: [] for tag in document["tags"]}
    for path, method, operation in _all(document):
        requests[operation["tags"][0]].append(_item(document, path, method, operation))
    return {
        "info": {"name": document["info"]["title"], "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [_variable("token", "{{access_token}}")]},
        "item": [{"name": tag, "item": items} for tag, items in requests.items()],
    }


def environment() -> Json:
    """Return the environment: where the API is, who signs in, and the tokens that signing in fills in."""
    values = {"base_url": "http://127.0.0.1:5000", **DEMO_ADMIN, "access_token": "", "refresh_token": ""}
    listed = [{"key": key, "value": value, "enabled": True} for key, value in values.items()]
    return {"name": "Parlour (local)", "values": listed, "_postman_variable_scope": "environment"}


def write(document: Json, folder: Path) -> list[Path]:
    """Write both files into `folder` and return their paths."""
    folder.mkdir(exist_ok=True)
    files = {
        folder / "parlour.postman_collection.json": collection(document),
        folder / "parlour.postman_environment.json": environment(),
    }
    for path, content in files.items():
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return list(files)


def write_postman(app: Flask) -> click.Command:
    """Return the command `flask postman`, which writes the files for `app`."""

    @click.command("postman")
    def command() -> None:
        """Write the Postman collection and environment."""
        for path in write(openapi.document(app), Path(app.root_path).parent / FOLDER):
            click.echo(path)

    return command


def _all(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict):
                shared = operations.get("parameters", [])
                yield path, method, {**operation, "parameters": [*shared, *operation.get("parameters", [])]}


def _item(document: Json, path: str, method: str, operation: Json) -> Json:
    request: Json = {
        "method": method.upper(),
        "header": [],
        "url": _url(path, operation),
        "description": operation.get("description", ""),
    }
    if not operation["security"]:
        request["auth"] = {"type": "noauth"}
    if "requestBody" in operation:
        _add_body(document, path, operation["requestBody"]["content"], request)
    return {"name": operation["summary"], "event": [_test(path, operation)], "request": request}


def _add_body(document: Json, path: str, contents: Json, request: Json) -> None:
    """Add the example of what is sent; of a form, the person who sends it chooses the files."""
    ((media_type, content),) = contents.items()
    body = content.get("example") or example(document, content["schema"])
    if media_type == FORM:
        request["body"] = {"mode": "formdata", "formdata": list(_parts(document, content["schema"], body))}
        return
    if path.endswith("/login"):
        body = {name: f"{{{{{name}}}}}" for name in DEMO_ADMIN}
    request["header"].append({"key": "Content-Type", "value": "application/json"})
    request["body"] = {"mode": "raw", "raw": json.dumps(body, indent=2, ensure_ascii=False)}


def _parts(document: Json, schema: Json, body: Json) -> Iterator[Json]:
    members = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    for name, value in body.items():
        is_file = members[name].get("format") == "binary"
        yield {"key": name, **({"type": "file", "src": []} if is_file else {"type": "text", "value": value})}


def _url(path: str, operation: Json) -> Json:
    parts = [f":{part[1:-1]}" if part.startswith("{") else part for part in path.strip("/").split("/")]
    placed = [one for one in operation["parameters"] if one["in"] == "path"]
    asked = [one for one in operation["parameters"] if one["in"] == "query"]
    raw = "{{base_url}}/" + "/".join(parts)
    return {
        "raw": raw,
        "host": ["{{base_url}}"],
        "path": parts,
        "variable": [{"key": one["name"], "value": str(sample(one["schema"]))} for one in placed],
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


def _test(path: str, operation: Json) -> Json:
    statuses = [int(status) for status in operation["responses"] if str(status).isdecimal()]
    lines = [
        "pm.test('the status is a documented one', () => {",
        f"  pm.expect(pm.response.code).to.be.oneOf({statuses});",
        "});",
    ]
    if path.endswith(TOKEN_PATHS):
        lines += KEEP_TOKENS
    return {"listen": "test", "script": {"type": "text/javascript", "exec": lines}}


def _variable(key: str, value: str) -> Json:
    return {"key": key, "value": value, "type": "string"}
