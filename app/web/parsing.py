"""How flask-smorest's `arguments` read a request, and how what is wrong with it is named."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NoReturn

from flask import g, request
from webargs.flaskparser import FlaskParser

from app.kit.errors import Invalid
from app.web import tables
from app.web.json_gate import printable
from app.web.uploads import read_form, read_table

MOST_QUERIES: Final = 512
"""How many query strings are remembered, with what they say."""

LONGEST_QUERY: Final = 200
"""Of a longer one that is not worth its memory."""

BODY = "body"
"""What an error about the body as a whole is filed under."""


class Parser(FlaskParser):
    """webargs' parser over what the JSON gate has parsed; the schemas decide about unknown fields."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}  # noqa: RUF012  # webargs' name for it

    def parse(self, argmap: Any, req: Any = None, *, location: str | None = None, **options: Any) -> Any:
        """Return what the request says by a schema; what a query string said before, it says again."""
        text = request.query_string
        if location == "query" and getattr(argmap, "is_remembered", False) and len(text) <= LONGEST_QUERY:
            said = _of_query(self, argmap, text)
            return {name: value.copy() if type(value) is list else value for name, value in said.items()}
        return super().parse(argmap, req, location=location, **options)

    def load_json(self, req: Any, schema: Any) -> Any:
        """Return the object that the gate let through, and note that somebody looks at it."""
        g.body_is_read = True
        return g.json_body

    def load_files(self, req: Any, schema: Any) -> Any:
        """Return the parts of the form, files and texts alike; a table is the one part that it stands for."""
        parts = read_table() if req.mimetype == tables.MEDIA_TYPE else read_form()
        return {printable(name): part for name, part in parts.items()}

    def handle_error(self, error: Any, req: Any, schema: Any, **_options: Any) -> NoReturn:
        """Refuse the request, naming each field by its dotted path."""
        raise Invalid(errors=by_path(error.messages)) from None


@lru_cache(MOST_QUERIES)
def _of_query(parser: Parser, schema: Any, _text: bytes) -> dict[str, Any]:
    """Return what the query string of the present request, which is `_text`, says."""
    found: dict[str, Any] = FlaskParser.parse(parser, schema, location="query")
    return found


def refuse_unread_body() -> None:
    """Refuse the fields of a body that the view has no shape for: whoever sends them believes that they do something.

    The edge asks this last of all before the view: a guard and other shapes come first.
    """
    if not g.get("body_is_read") and g.get("json_body"):
        raise Invalid(errors={printable(name): ["Unknown field."] for name in g.json_body})


def by_path(messages: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return webargs' messages, nested below their location, by dotted path."""
    found: dict[str, list[str]] = {}
    for below in messages.values():
        _collect("", below, found)
    return found


def _collect(path: str, messages: Any, found: dict[str, list[str]]) -> None:
    if not isinstance(messages, Mapping):
        found.setdefault(path or BODY, []).extend(str(message) for message in messages)
        return
    for name, below in messages.items():
        _collect(path if name == "_schema" else f"{path}.{name}".lstrip("."), below, found)
