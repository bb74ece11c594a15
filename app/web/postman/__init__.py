"""The OpenAPI document as a Postman collection (v2.1): flows that tell a story first, then every endpoint, by tag.

For developers who integrate, and for newman. The same every time; `make e2e` runs it.
"""

import json
from pathlib import Path
from typing import Any

import click
from flask import Flask

from app.web import openapi
from app.web.postman.flows import flow_folders
from app.web.postman.generated import endpoint_folders
from app.web.postman.scripts import Json, script, tests_of_problems

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
FOLDER = "postman"
ENDPOINTS = "endpoints.toml"
ABOUT = """\
Choose the environment "Parlour (local)", start a server with demo data (`make run`), and send anything: requests sign
in by themselves as the environment's `email`. "Flows" are to be run in order, as often as you like; everybody in them
but the staff is new each time. The other folders have each endpoint once, with an example."""

ACCOUNTS = {
    "email": "admin@parlour.example",
    "staff_email": "amina@parlour.example",
    "password": "parlour-demo-2026",
}
"""Whom `seed.py` makes; other accounts are other values in the environment."""

SIGN_IN = (
    "if (!pm.environment.get('access_token')) {",
    "  pm.sendRequest({",
    "    url: pm.environment.get('base_url') + '/api/auth/login',",
    "    method: 'POST',",
    "    header: { 'Content-Type': 'application/json' },",
    "    body: {",
    "      mode: 'raw',",
    "      raw: JSON.stringify({ email: pm.environment.get('email'), password: pm.environment.get('password') }),",
    "    },",
    "  }, (error, answer) => {",
    "    if (!error && answer.code === 200) pm.environment.set('access_token', answer.json().access_token);",
    "  });",
    "}",
)
FORGET = (
    "// The session is over: the next request signs in again.",
    "if (pm.response.code === 401 && pm.response.json().code !== 'token_missing') {",
    "  pm.environment.unset('access_token');",
    "}",
)


def collection(document: Json, flows: Path) -> Json:
    """Return the collection of a document and of the flows in a folder. Raises `WrongFlow` for one that cannot be."""
    return {
        "info": {"name": document["info"]["title"], "description": ABOUT, "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{access_token}}", "type": "string"}]},
        "event": [script("prerequest", SIGN_IN), script("test", [*tests_of_problems(document), *FORGET])],
        "item": [
            {"name": "Flows", "item": flow_folders(document, flows)},
            *endpoint_folders(document, flows.parent / ENDPOINTS),
        ],
    }


def environment() -> Json:
    """Return the environment: where the API is, who signs in, and the tokens that signing in fills in."""
    values = {"base_url": "http://127.0.0.1:5000", **ACCOUNTS, "access_token": "", "refresh_token": ""}
    listed = [{"key": key, "value": value, "enabled": True} for key, value in values.items()]
    return {"name": "Parlour (local)", "values": listed, "_postman_variable_scope": "environment"}


def write(document: Json, flows: Path, folder: Path) -> list[Path]:
    """Write both files into `folder` and return their paths."""
    files: dict[Path, Any] = {
        folder / "parlour.postman_collection.json": collection(document, flows),
        folder / "parlour.postman_environment.json": environment(),
    }
    for path, content in files.items():
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return list(files)


def write_postman(app: Flask) -> click.Command:
    """Return the command `flask postman`, which writes the files for `app`."""

    @click.command("postman")
    def command() -> None:
        """Write the Postman collection and environment."""
        folder = Path(app.root_path).parent / FOLDER
        for path in write(openapi.document(app), folder / "flows", folder):
            click.echo(path)

    return command
