"""What requests of single endpoints need on top of their examples: `postman/endpoints.toml`."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from app.web.postman.scripts import Json

MAKING = (
    "const get = name => pm.collectionVariables.get(name);",
    "const fresh = pm.variables.replaceIn('{{$guid}}');",
    "const call = (method, path, body) => new Promise((made, failed) => pm.sendRequest({",
    "  url: pm.environment.get('base_url') + path,",
    "  method,",
    "  header: { 'Content-Type': 'application/json', Authorization: `Bearer ${pm.environment.get('access_token')}` },",
    "  body: body ? { mode: 'raw', raw: JSON.stringify(body) } : undefined,",
    "}, (error, answer) => {",
    "  if (!error && answer.code < 300) made(answer.json());",
    "  else failed(error || new Error(`${method} ${path}: ${answer.code} ${answer.text()}`));",
    "}));",
    "const waiting = setInterval(() => {}, 60000);",
    "(async () => {",
)
MADE = (
    "})().catch(error => pm.test('what the request needs is made', () => { throw error; }))",
    "  .then(() => clearInterval(waiting));",
)
KNOWN = {"make", "place", "instead", "as", "query", "body", "keep", "status", "because"}


class WrongNeed(ValueError):
    """A request needs what nobody can make, or says something that is not understood."""


@dataclass(frozen=True, slots=True)
class Needs:
    """How variables are made, and what single requests need, by method and path."""

    make: Mapping[str, Json]
    call: Mapping[str, Json]

    def of(self, method: str, path: str) -> Json:
        """Return what a request needs; nothing where it is not listed."""
        return self.call.get(f"{method} {path}", {})

    def preparation(self, asked: Json, places: list[str]) -> list[str]:
        """Return the JavaScript that makes what stands in a path, and whatever else is asked for."""
        instead = asked.get("instead", {})
        wanted = [] if asked.get("make") == [] else [*places, *asked.get("make", ())]
        lines = dict.fromkeys(line for name in wanted for line in self._made(name, instead))
        return [*MAKING, *lines, *MADE] if lines else []

    def _made(self, name: str, instead: Mapping[str, str]) -> Iterator[str]:
        how = self.make.get(instead.get(name, name))
        if how is None:
            raise WrongNeed(f"Nobody makes {name}.")
        for before in how.get("needs", ()):
            yield from self._made(before, instead)
        yield f"  pm.collectionVariables.set('{name}', {how['is']});"


def load(file: Path, documented: set[str]) -> Needs:
    """Read the file. Raises `WrongNeed` for what the API does not have, or nobody understands."""
    said: Json = tomllib.loads(file.read_text(encoding="utf-8"))
    for call, asked in said["call"].items():
        if call not in documented or asked.keys() - KNOWN:
            raise WrongNeed(f"{call}: {', '.join(sorted(asked.keys() - KNOWN)) or 'it'} is not known here.")
        if asked.get("status", 0) >= HTTPStatus.BAD_REQUEST and not asked.get("because"):
            raise WrongNeed(f"{call}: it says not why it is refused.")
    return Needs(said["make"], said["call"])


def right_status(operation: Json, asked: Json) -> int:
    """Return the one status that is right: what is said, or else that of a creation, or of the first good answer."""
    documented = sorted(int(status) for status in operation["responses"] if status.isdecimal())
    good = HTTPStatus.CREATED if HTTPStatus.CREATED in documented else documented[0]
    return int(asked.get("status", good))
