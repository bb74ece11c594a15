"""The calls: requests that would do, but for one value. The same seed makes the same calls, in the same order."""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from tests.access.table import TABLE, Row
from tests.access.world import ACTORS, World
from tests.fuzz import values
from tests.fuzz.operations import Operation, Path, pattern
from tests.hostile import BODIES, JSON, TYPES

GOODBYES = ("/api/auth/logout", "/api/auth/logout-all")
"""These end the session of who calls them."""

FIRST_REFUSAL = 400
LARGEST_BODY = 1_000_000
"""What is larger is refused unread: the suite tries that."""

EVERYWHERE = ("Authorization", "X-Request-ID", "Accept", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match")
"""Headers that any request may carry, whether its operation says so or not."""

EACH = 5
"""Of the values of headers that an operation does not name, it gets one in so many."""

BOUNDARY = "between-the-parts"
LONGEST_NAME = 60
HERE = "what is hostile stands here"


@dataclass(frozen=True, slots=True)
class Call:
    """A request, who sends it, and what is wrong with it; `number` is its place among those of its seed."""

    operation: Operation
    actor: str
    path: str
    where: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    number: int = 0

    @property
    def is_goodbye(self) -> bool:
        """Say whether its caller may be nobody afterwards."""
        return self.operation.path in GOODBYES


@dataclass(frozen=True, slots=True)
class Hostility:
    """A call that anybody may make; its body is made when it is: there are many, and some are large."""

    row: Row
    operation: Operation
    where: str
    path: str
    body: Callable[[], bytes]
    headers: Mapping[str, str]

    def by(self, actor: str, world: World, number: int) -> Call:
        """Let somebody make it."""
        token = world.tokens.get(actor)
        signed_in = {"Authorization": f"Bearer {token}"} if token else {}
        headers = signed_in | dict(self.headers)
        return Call(self.operation, actor, self.path, self.where, self.body(), headers, number)


def calls(operations: Sequence[Operation], world: World, seed: int) -> Iterator[Call]:
    """Yield calls without end: all hostilities in an order, by one actor each; then all again, by others.

    Every other call is of somebody who may do what it would do.
    """
    everything = [one for row in TABLE for one in hostilities(row, operations, world)]
    numbers = count(1)
    for turn in count():
        chance = random.Random(f"{seed} {turn}")  # noqa: S311  # no secret
        for one in chance.sample(everything, len(everything)):
            admitted = [actor for actor in ACTORS if one.row.statuses[actor] < FIRST_REFUSAL] or ACTORS
            yield one.by(chance.choice(chance.choice((admitted, ACTORS))), world, next(numbers))


def hostilities(row: Row, operations: Sequence[Operation], world: World) -> Iterator[Hostility]:
    """Yield all that can be wrong with the request of a row; nothing where the document does not have it."""
    for operation in operations:
        if (row.method, pattern(row.rule)) == (operation.method, pattern(operation.path)):
            yield from _Request(row, operation, world).hostilities()


class _Request:
    """The request of a row, to be made worse."""

    def __init__(self, row: Row, operation: Operation, world: World) -> None:
        self._row, self._operation = row, operation
        self._path, _, self._query = row.path.format(**world.ids).partition("?")
        self._body, self._type = world.body(row.body), JSON
        if row.form is not None:
            self._type = f"multipart/form-data; boundary={BOUNDARY}"

    def hostilities(self) -> Iterator[Hostility]:
        yield from self._segments()
        yield from self._parameters()
        yield from self._headers()
        if self._operation.body:
            yield from self._members()
            yield from self._bodies()
        for name, part in (self._row.form or {}).items():
            yield from self._files(name, part)

    def _segments(self) -> Iterator[Hostility]:
        segments = self._path.split("/")
        for place, name in enumerate(self._operation.path.split("/")):
            for text in values.SEGMENTS if name.startswith("{") else ():
                path = "/".join([*segments[:place], text, *segments[place + 1 :]])
                yield self._with(f"path {name} = {_short(text)}", path=_address(path, self._query))

    def _parameters(self) -> Iterator[Hostility]:
        for one in self._operation.parameters("query"):
            name = one["name"]
            kept = [pair for pair in self._query.split("&") if pair and pair.partition("=")[0] != name]
            for text in values.for_parameter(name, one["schema"]):
                query = "&".join([*kept, f"{name}={text}"])
                yield self._with(f"query {name} = {_short(text)}", path=_address(self._path, query))

    def _headers(self) -> Iterator[Hostility]:
        documented = [one["name"] for one in self._operation.parameters("header")]
        for name in dict.fromkeys((*documented, *EVERYWHERE)):
            tried = values.HEADERS if name in documented else values.HEADERS[len(self._path) % EACH :: EACH]
            for text in tried:
                yield self._with(f"header {name} = {_short(text)!r}", headers={name: text})

    def _members(self) -> Iterator[Hostility]:
        shown = self._operation.example(self._operation.body or {})
        for path, schema in self._operation.members():
            template = json.dumps(_marked(self._body, shown, path))
            for word in values.for_member(schema, self._operation.example(schema)):
                where = f"{'.'.join(map(str, path))} = {_short(word)}"
                yield self._with(where, body=partial(_filled, template, word))
        unknown = json.dumps({**(self._body or {}), "unknown": 1, "__class__": "x", "": None}).encode()
        yield self._with("members that nobody knows", body=lambda: unknown)

    def _bodies(self) -> Iterator[Hostility]:
        for kind, (body, _status) in BODIES.items():
            if len(body) < LARGEST_BODY:
                yield self._with(f"a body that is: {kind}", body=partial(bytes, body))
        for kind, headers in TYPES.items():
            yield self._with(f"a body of the type: {kind}", headers={"Content-Type": "", **headers})

    def _files(self, name: str, part: bytes) -> Iterator[Hostility]:
        for kind, file_name, content in values.files(part):
            yield self._with(f"file {name}: {kind}", body=partial(_form, name, file_name, content))

    def _with(self, where: str, **changed: Any) -> Hostility:
        path = changed.get("path") or _address(self._path, self._query)
        body = changed.get("body", self._good_body)
        typed = {"Content-Type": self._type} if body() else {}
        return Hostility(self._row, self._operation, where, path, body, typed | changed.get("headers", {}))

    def _good_body(self) -> bytes:
        for name, part in (self._row.form or {}).items():
            return _form(name, "a file", part)
        return b"" if self._body is None else json.dumps(self._body).encode()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}… ({len(text)})"


def _address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _filled(template: str, word: str) -> bytes:
    return template.replace(f'"{HERE}"', word).encode(errors="surrogatepass")


def _form(name: str, file_name: str, content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def _marked(node: Any, shown: Any, path: Path) -> Any:
    """Return a copy of `node` with the mark at `path`; what is not there is taken from what is `shown`."""
    if not path:
        return HERE
    step, *rest = path
    found = shown if node is None else node
    if isinstance(step, int):
        first = found[0] if isinstance(found, list) and found else None
        return [_marked(first, None, tuple(rest))]
    around = dict(found) if isinstance(found, dict) else {}
    inner = shown.get(step) if isinstance(shown, dict) else None
    return around | {str(step): _marked(around.get(step), inner, tuple(rest))}
