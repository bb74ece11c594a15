"""Answers that are kept, beside the things of which they were made: for equal things nothing is dumped again.

Nothing is ever answered from here alone: whoever asks has just read the things from the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Response
from flask.globals import request_ctx
from werkzeug.http import generate_etag

from app.web.json_gate import written

MOST_BYTES: Final = 1024 * 1024
"""Of the bodies that one read keeps; the rows beside them take about four times as much."""


@dataclass(frozen=True, slots=True)
class Known:
    """A thing, its body, and the body's weak `ETag`."""

    thing: Any
    body: bytes
    tag: str


class Kept:
    """The last answers of one read, by what was asked.

    Its things are rows of columns, or pages of them: values, which are equal only where they dump to the same. JSON
    among the columns would not do: 1 and true are equal.
    """

    def __init__(self, dump: Callable[[Any], Any]) -> None:
        """Begin without any; `dump` makes a thing ready for JSON, and looks at nothing else."""
        self._dump = dump
        self._known: dict[str, Known] = {}
        self._bytes = 0

    def answer(self, thing: Any) -> Response:
        """Answer the present request with the thing."""
        environ = request_ctx.request.environ
        asked = f"{environ.get('PATH_INFO')}?{environ.get('QUERY_STRING')}"
        known = self._known.get(asked)
        if known is None or known.thing != thing:
            known = self._keep(asked, thing)
        return Response(known.body, headers=(("ETag", known.tag),), mimetype="application/json")

    def _keep(self, asked: str, thing: Any) -> Known:
        """Keep its body. Where there are too many, all are forgotten: what is asked often is soon there again."""
        body = written(self._dump(thing))
        if self._bytes > MOST_BYTES:
            self._bytes = 0
            self._known.clear()
        self._bytes += len(asked) + len(body)
        known = self._known[asked] = Known(thing, body, f'W/"{generate_etag(body)}"')
        return known
