"""What the document says, as the fuzzer needs it: the operations, the places in their requests, their answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs

from app.web.examples import example
from tests.hostile import JSON
from tests.test_openapi import as_json_schema

PLACE = re.compile(r"[<{][^>}]*[>}]")
DEEPEST = 4
WITHOUT_A_NAME = "default"

Json = dict[str, Any]
Path = tuple[str | int, ...]


def pattern(path: str) -> str:
    """Return a path without the names of its places, whoever wrote it: OpenAPI, Flask or a table."""
    return PLACE.sub("{}", path)


@dataclass(frozen=True)
class Operation:
    """A method of a path."""

    method: str
    path: str
    said: Json
    document: Json

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def parameters(self, where: str) -> list[Json]:
        """Return the parameters that stand in the "path", the "query" or a "header"."""
        return [one for one in self.said["parameters"] if one["in"] == where]

    @property
    def body(self) -> Json | None:
        """The schema of its JSON, if it takes that."""
        content = self.said.get("requestBody", {}).get("content", {}).get(JSON)
        return content and dict(content["schema"])

    def members(self) -> Iterator[tuple[Path, Json]]:
        """Yield the path of each member of its body, however deep, with its schema."""
        yield from self._within(self.body or {}, (), DEEPEST)

    def example(self, schema: Json) -> Any:
        """Return a value that the document holds to be good."""
        return example(self.document, schema)

    def _within(self, schema: Json, path: Path, depth: int) -> Iterator[tuple[Path, Json]]:
        schema = self._resolved(schema)
        inside: list[tuple[str | int, Json]] = list(schema.get("properties", {}).items())
        inside += [(0, schema["items"])] if "items" in schema else []
        for name, member in inside if depth else ():
            yield (*path, name), self._resolved(member)
            yield from self._within(member, (*path, name), depth - 1)

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema or "allOf" in schema or "anyOf" in schema:
            named = schema.get("$ref", "").rpartition("/")[2]
            inner = [*schema.get("allOf", []), *schema.get("anyOf", [])]
            schema = self.document["components"]["schemas"][named] if named else inner[0]
        return schema

    @cached_property
    def takes(self) -> jsonschema_rs.Draft4Validator:
        """What tells whether a body is one that the document allows; of a time, RFC 3339 lets us take more."""
        return self._validator(self.body or {}, validate_formats=False)

    @cached_property
    def answers(self) -> dict[int, dict[str, jsonschema_rs.Draft4Validator]]:
        """What tells whether an answer is one that the document promises, by status and content type."""
        return {
            int(status): {kind: self._validator(content["schema"]) for kind, content in said.get("content", {}).items()}
            for status, said in self.said["responses"].items()
            if status != WITHOUT_A_NAME
        }

    def _validator(self, schema: Json, *, validate_formats: bool = True) -> jsonschema_rs.Draft4Validator:
        whole = {**as_json_schema(schema), "components": self.document["json_schemas"]}
        return jsonschema_rs.Draft4Validator(whole, validate_formats=validate_formats)


def read(document: Json) -> list[Operation]:
    """Return all operations of a document."""
    whole = {**document, "json_schemas": as_json_schema(document["components"])}
    return [
        Operation(method.upper(), path, operation, whole)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if isinstance(operation, dict)
    ]
