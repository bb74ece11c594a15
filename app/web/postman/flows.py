"""The flows in `postman/flows/`, a TOML file each, as folders. `postman/README.md` says what may stand in one."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from app.web.postman.generated import address, operations
from app.web.postman.scripts import Json, script, tests_of_answer

PLACE = re.compile(r"{(\w+)}")
VARIABLE = re.compile(r"{{(\w+)}}")
FLOW = {"name", "about", "request"}
REQUEST = {"name", "call", "as", "status", "query", "header", "body", "before", "only_if", "expect", "keep"}


class WrongFlow(ValueError):
    """A flow says something that is not understood, or asks for what the API does not have."""


def flow_folders(document: Json, folder: Path) -> list[Json]:
    """Return a folder for each flow, in the order of their files' names. Raises `WrongFlow`."""
    documented = {f"{method} {path}": operation for path, method, operation in operations(document)}
    return [_folder(document, documented, path) for path in sorted(folder.glob("*.toml"))]


def _folder(document: Json, documented: dict[str, Json], path: Path) -> Json:
    flow = tomllib.loads(path.read_text(encoding="utf-8"))
    _refuse_unknown(flow, FLOW, path.name)
    items = []
    for request in flow["request"]:
        where = f"{path.name}: {request.get('name')}"
        _refuse_unknown(request, REQUEST, where)
        operation = documented.get(request["call"], {"responses": {}})
        if str(request["status"]) not in operation["responses"]:
            raise WrongFlow(f"{where}: the API does not document {request['call']} with status {request['status']}.")
        items.append(_item(document, operation, request))
    return {"name": flow["name"], "description": flow["about"], "item": items}


def _refuse_unknown(given: Json, known: set[str], where: str) -> None:
    if unknown := given.keys() - known:
        raise WrongFlow(f"{where}: {', '.join(sorted(unknown))} is not known here.")


def _item(document: Json, operation: Json, asked: Json) -> Json:
    events = [script("test", [*tests_of_answer(document, operation, asked["status"]), *_own_tests(asked)])]
    if prepared := _preparation(asked):
        events.insert(0, script("prerequest", prepared))
    return {"name": asked["name"], "event": events, "request": _request(asked)}


def _request(asked: Json) -> Json:
    method, _, path = asked["call"].partition(" ")
    placed = {name: f"{{{{{name}}}}}" for name in PLACE.findall(path)}
    request: Json = {
        "method": method,
        "header": [{"key": key, "value": value} for key, value in asked.get("header", {}).items()],
        "url": address(path, placed) | {"query": [{"key": k, "value": v} for k, v in asked.get("query", {}).items()]},
    }
    if (who := asked.get("as", "nobody")) == "nobody":
        request["auth"] = {"type": "noauth"}
    elif who != "admin":
        token = {"key": "token", "value": f"{{{{{who}_token}}}}", "type": "string"}
        request["auth"] = {"type": "bearer", "bearer": [token]}
    if "body" in asked:
        request["header"].append({"key": "Content-Type", "value": "application/json"})
        request["body"] = {"mode": "raw", "raw": asked["body"].strip()}
    return request


def _preparation(asked: Json) -> list[str]:
    skip = [f"if (!({asked['only_if']})) pm.execution.skipRequest();"] if "only_if" in asked else []
    return [*skip, *(_set(name, value) for name, value in asked.get("before", {}).items())]


def _own_tests(asked: Json) -> list[str]:
    if not asked.keys() & {"expect", "keep"}:
        return []
    return [
        "const answer = pm.response.json();",
        "const pick = list => list[Math.floor(Math.random() * list.length)];",
        *(_expected(place, value) for place, value in asked.get("expect", {}).items()),
        *(_kept(name, value) for name, value in asked.get("keep", {}).items()),
    ]


def _expected(place: str, value: Any) -> str:
    variable = VARIABLE.fullmatch(str(value))
    literal = json.dumps(value, ensure_ascii=False)
    expected = f"pm.collectionVariables.get('{variable[1]}')" if variable else literal
    name = json.dumps(f"{place} is {variable[1] if variable else literal}", ensure_ascii=False)
    return f"pm.test({name}, () => pm.expect(answer.{place}).to.eql({expected}));"


def _kept(name: str, value: str) -> str:
    return (
        f"pm.test('there is a value for {name}', () => {{ const found = {value}; "
        f"pm.expect(found).to.exist; {_set(name, 'found')} }});"
    )


def _set(name: str, value: str) -> str:
    return f"pm.collectionVariables.set('{name}', {value});"
