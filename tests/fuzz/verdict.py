"""Whether an answer is one that the document promises: status, content type, shape; and never an error of ours."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from tests.fuzz.calls import FIRST_REFUSAL, Call
from tests.hostile import JSON

PROBLEM = "application/problem+json"
SLOWEST = 5.0
"""In seconds; what takes longer on a machine that does nothing else is a failure."""

FIRST_ERROR_OF_OURS = 500
LONGEST_MESSAGE = 120
NO_SECRETS = re.compile(rb"Traceback|psycopg2|sqlalchemy|sqlite3|password_hash|\$2b\$")
ALWAYS = ("x-request-id", "x-content-type-options", "content-security-policy", "cache-control")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long that took."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def kind(self) -> str:
        """Its content type, without a charset."""
        return self.headers.get("content-type", "").partition(";")[0]


def faults(call: Call, answer: Answer) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    if answer.status >= FIRST_ERROR_OF_OURS:
        yield f"{answer.status} is an error of ours"
    if answer.seconds > SLOWEST:
        yield f"took {answer.seconds:.1f} s"
    yield from (f"lacks the header {name}" for name in ALWAYS if name not in answer.headers)
    if found := NO_SECRETS.search(answer.body):
        yield f"tells {found[0]!r}"
    if answer.status >= FIRST_REFUSAL and answer.kind != PROBLEM:
        yield f"{answer.status} of the type {answer.kind!r} is no problem"
    yield from _off_document(call, answer)
    if answer.status < FIRST_REFUSAL and call.operation.body:
        yield from _wrongly_taken(call)


def _off_document(call: Call, answer: Answer) -> Iterator[str]:
    promised = call.operation.answers.get(answer.status)
    if promised is None:
        yield f"{answer.status} is not documented"
    elif not promised and answer.body:
        yield f"{answer.status} has a body"
    elif promised and answer.kind not in promised:
        yield f"{answer.kind!r} is not documented for {answer.status}"
    elif promised and answer.kind in {JSON, PROBLEM}:
        yield from _off_schema(promised[answer.kind], answer.body, "the answer")


def _wrongly_taken(call: Call) -> Iterator[str]:
    """Yield what the document says against a body that was taken."""
    if call.body or call.headers.get("Content-Type"):
        yield from _off_schema(call.operation.takes, call.body or b"{}", "a body that was taken")


def _place(error: jsonschema_rs.ValidationError) -> str:
    """Return where it is; in lists, wherever in them."""
    return ".".join("#" if isinstance(step, int) else step for step in error.instance_path)


def _off_schema(validator: jsonschema_rs.Draft4Validator, text: bytes, what: str) -> Iterator[str]:
    try:
        document = _trimmed(json.loads(text))
    except ValueError:
        yield f"{what} is no JSON"
        return
    for error in validator.iter_errors(document):
        yield f"{what} is off its schema at {_place(error)}: {error.message[:LONGEST_MESSAGE]}"


def _trimmed(node: Any) -> Any:
    """Return JSON with its texts as the application takes them."""
    if isinstance(node, dict):
        return {name: _trimmed(member) for name, member in node.items()}
    if isinstance(node, list):
        return [_trimmed(member) for member in node]
    return node.strip() if isinstance(node, str) else node
