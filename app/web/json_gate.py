"""JSON in and out: a fast provider, and one strict gate before every route that takes a body.

The gate lets through one well-formed JSON object (RFC 8259, and I-JSON's no duplicate keys, RFC 7493 §2.3) of
at most 1 MiB and 20 levels, parsed once into `g.json_body`; an empty body is `{}`.
"""

import json
import re
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any, NoReturn, TypeVar
from urllib.parse import unquote_plus, unquote_to_bytes

import orjson
from flask import Flask, Response, current_app, g, request
from flask.globals import request_ctx
from flask.json.provider import JSONProvider
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType

from app.kit.errors import BadRequest, Invalid
from app.web import uploads

LARGEST_BODY = 1024 * 1024
DEEPEST = 20
WRITING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MOST_DIGITS = 40
"""Of an integer; any field's bounds are narrower."""

UTF8_NAMES = frozenset({"utf-8", "utf8"})

BAD_TEXT = "Must not contain NUL or half a surrogate pair."

RAW = "takes_raw"
"""The attribute of a view that reads its body itself."""

View = TypeVar("View", bound=Callable[..., Any])

_KEY = re.compile(rb'"[ \t\r\n]*:')
_BAD_CHARACTER = re.compile("[\x00\ud800-\udfff]")


class InvalidJson(BadRequest):
    """The body is not one well-formed JSON object."""

    code = "invalid_json"
    title = "The body must be one well-formed JSON object."


def written(obj: Any) -> bytes:
    """Return `obj` as JSON; instants, which are UTC throughout, end in `Z`."""
    return orjson.dumps(obj, option=orjson.OPT_UTC_Z)


class OrjsonProvider(JSONProvider):
    """Flask's JSON by orjson."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        """Return `obj` as JSON text."""
        return written(obj).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """Return what the JSON text says. Raises `ValueError`."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return an answer with the JSON bytes, without a detour through text."""
        return Response(written(self._prepare_response_obj(args, kwargs)), mimetype="application/json")


def takes_raw(view: View) -> View:
    """Let a view have its body as it came, in `g.raw_body`: of at most 1 MiB, and whatever it is."""
    setattr(view, RAW, True)
    return view


IGNORES = "ignores_body"
"""The attribute of a view to which it makes no difference what is in a body; decorators around it hand it on."""


def ignoring_body(view: View) -> View:
    """Let anything be sent to a view, which looks at none of it."""
    setattr(view, IGNORES, True)
    return view


def install(app: Flask) -> None:
    """Give `app` the provider, and the gates for bodies and query strings."""
    app.json = OrjsonProvider(app)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1  # werkzeug cuts a chunked body off here, silently
    app.before_request(check_query)
    app.before_request(check_body)


def check_query() -> None:
    """Refuse (422, field named) a query string with NUL or broken UTF-8."""
    query = request_ctx.request.query_string
    if b"%" not in query and query.isascii() and b"\x00" not in query:
        return
    for pair in query.split(b"&"):
        text = unquote_to_bytes(pair)
        if b"\x00" in text or not _is_utf8(text):
            name = unquote_plus(pair.partition(b"=")[0].decode("ascii", "replace"))
            raise Invalid.field(printable(name), "Must be UTF-8 without NUL.")


def check_body() -> None:
    """Put the request's JSON object into `g.json_body`. Raises 400, 408, 413, 415 or 422 problems.

    Where a form is taken, that is only looked at from outside; where a body is taken raw, it is put into `g.raw_body`.
    """
    if request_ctx.request.method not in WRITING_METHODS or request.routing_exception is not None:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if uploads.takes_upload(view):
        uploads.check_headers(view)
        return
    if getattr(view, IGNORES, False):
        g.json_body = {}
        return
    try:
        body = request.get_data(cache=False)
    except ClientDisconnected:  # or fell silent
        raise RequestTimeout from None
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge
    if getattr(view, RAW, False):
        g.raw_body = body
        return
    if body:
        _check_headers()
    g.json_body = parse_object(body) if body else {}


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` is. Raises `InvalidJson`, or `Invalid` for NUL and surrogates."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        parsed = _read_slowly(body, error)
    if not isinstance(parsed, dict):
        raise InvalidJson("The body must be a JSON object.")
    keys = count_keys(parsed)
    if len(_KEY.findall(body)) != keys:
        _check_duplicates(body)
    if b"\\u0000" in body:
        _refuse_bad_text(parsed)
    return parsed


def count_keys(parsed: Any) -> int:
    """Return the number of members of all objects within. Raises `InvalidJson` where it nests too deep."""
    keys, level, depth = 0, [parsed], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise InvalidJson(f"The body nests deeper than {DEEPEST} levels.")
        keys += sum(len(node) for node in level if isinstance(node, dict))
        level = [child for node in level for child in children(node) if isinstance(child, dict | list)]
    return keys


def children(node: Any) -> Any:
    """Return the values that an object or array holds."""
    return node.values() if isinstance(node, dict) else node


def printable(name: str) -> str:
    """Return a field's name in a form that any answer can carry."""
    return name[:100].encode("ascii", "backslashreplace").decode().replace("\x00", "\\x00")


def _check_headers() -> None:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in UTF8_NAMES:
        raise UnsupportedMediaType


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_slowly(body: bytes, error: orjson.JSONDecodeError) -> Any:
    """Read what orjson cannot: huge integers, for a field to refuse, and half surrogate pairs."""
    try:
        parsed = json.loads(
            body.decode(), parse_constant=_not_json, parse_float=_finite, parse_int=_whole, object_pairs_hook=_unique
        )
    except (ValueError, RecursionError):
        raise InvalidJson(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None
    count_keys(parsed)
    _refuse_bad_text(parsed)
    return parsed


def _check_duplicates(body: bytes) -> None:
    json.loads(body, parse_int=float, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidJson("An object names a member twice.")
    return found


def _not_json(name: str) -> NoReturn:
    raise ValueError(name)


def _whole(text: str) -> int:
    """Read no more digits than refuse the number: Python takes long over many, and none past 4,300."""
    return int(text[:MOST_DIGITS])


def _finite(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _not_json(text)


def _refuse_bad_text(parsed: Any) -> None:
    for path in bad_paths("", parsed):
        raise Invalid.field(path, BAD_TEXT)


def bad_paths(path: str, node: Any) -> Iterator[str]:
    """Yield the dotted paths under `path` of keys and texts that hold NUL or half a surrogate pair."""
    if isinstance(node, str):
        if _BAD_CHARACTER.search(node):
            yield path or "body"
        return
    if not isinstance(node, dict | list):
        return
    for key, child in node.items() if isinstance(node, dict) else enumerate(node):
        below = f"{path}.{printable(str(key))}".lstrip(".")
        if _BAD_CHARACTER.search(str(key)):
            yield below
        yield from bad_paths(below, child)
