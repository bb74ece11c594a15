"""Every endpoint once, by tag: with an example of what it takes, sent as an admin unless it is for everybody."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.web.examples import example, sample
from app.web.postman.endpoints import Needs, load, right_status
from app.web.postman.scripts import Json, script, tests_of_answer
from app.web.uploads import FORM

FILES = {"image": "files/picture.png", "file": "files/products.csv"}
"""What is sent as a file, from the collection's folder."""

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


def endpoint_folders(document: Json, file: Path) -> list[Json]:
    """Return a folder for each tag, with a request for each operation; `file` says what they need."""
    needs = load(file, {f"{method} {path}" for path, method, _ in operations(document)})
    requests: dict[str, list[Json]] = {tag["name"]: [] for tag in document["tags"]}
    for path, method, operation in operations(document):
        requests[operation["tags"][0]].append(_item(document, path, operation, Asked(method, path, needs)))
    return [{"name": tag, "item": items} for tag, items in requests.items()]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its method and path, and what it needs."""

    method: str
    path: str
    needs: Needs

    @property
    def needed(self) -> Json:
        """What is said of this request."""
        return self.needs.of(self.method, self.path)

    def places(self, operation: Json) -> dict[str, str]:
        """Return the names in the path, and the variable in each; what is to be refused may have places without."""
        named = self.needed.get("place", {})
        names = [one["name"] for one in operation["parameters"] if one["in"] == "path"]
        found = {name: named.get(name, name) for name in names}
        is_refused = "because" in self.needed
        return {name: one for name, one in found.items() if one in self.needs.make or not is_refused}


def _item(document: Json, path: str, operation: Json, asked: Asked) -> Json:
    needed, places = asked.needed, asked.places(operation)
    request: Json = {
        "method": asked.method,
        "header": [],
        "url": _url(path, operation, asked, places),
        "description": operation.get("description", ""),
    }
    if not operation["security"]:
        request["auth"] = {"type": "noauth"}
    elif "as" in needed:
        token = {"key": "token", "value": f"{{{{{needed['as']}_token}}}}", "type": "string"}
        request["auth"] = {"type": "bearer", "bearer": [token]}
    if "requestBody" in operation:
        _add_body(document, path, operation["requestBody"]["content"], request, needed.get("body"))
    tests = [
        *tests_of_answer(document, operation, right_status(operation, needed)),
        *AFTERWARDS.get(path, ()),
        *_kept(needed),
    ]
    events = [script("test", tests)]
    if prepared := asked.needs.preparation(needed, list(places.values())):
        events.insert(0, script("prerequest", prepared))
    return {"name": operation["summary"], "event": events, "request": request}


def _kept(needed: Json) -> list[str]:
    kept = needed.get("keep", {}).items()
    return [f"pm.collectionVariables.set('{name}', (answer => {value})(pm.response.json()));" for name, value in kept]


def _add_body(document: Json, path: str, contents: Json, request: Json, said: str | None) -> None:
    """Add the example of what is sent; of a form, the person who sends it chooses the files."""
    ((media_type, content),) = contents.items()
    body = BODIES.get(path) or content.get("example") or example(document, content["schema"])
    if media_type == FORM:
        request["body"] = {"mode": "formdata", "formdata": list(_parts(document, content["schema"], body))}
        return
    request["header"].append({"key": "Content-Type", "value": "application/json"})
    request["body"] = {"mode": "raw", "raw": said or json.dumps(body, indent=2, ensure_ascii=False)}


def _parts(document: Json, schema: Json, body: Json) -> Iterator[Json]:
    members = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    for name, value in body.items():
        is_file = members[name].get("format") == "binary"
        yield {"key": name, **({"type": "file", "src": FILES[name]} if is_file else {"type": "text", "value": value})}


def _url(path: str, operation: Json, asked: Asked, places: dict[str, str]) -> Json:
    """Return the URL; where no variable stands in a place, a plain value does."""
    plain = {one["name"]: str(sample(one["schema"])) for one in operation["parameters"] if one["in"] == "path"}
    placed = plain | {name: f"{{{{{variable}}}}}" for name, variable in places.items()}
    said: dict[str, str] = asked.needed.get("query", {})
    return address(path, placed) | {
        "query": [
            {
                "key": one["name"],
                "value": said.get(one["name"], str(sample(one["schema"]))),
                "disabled": one["name"] not in said and not one.get("required", False),
                "description": one.get("description", ""),
            }
            for one in operation["parameters"]
            if one["in"] == "query"
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
