"""Answers that are kept, beside the things of which they were made: for equal things nothing is dumped again.

Whoever asks has just read the things from the database; or there is a lease of the state in which they were read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from flask import Response, current_app
from flask.globals import request_ctx
from werkzeug.http import generate_etag

from app.catalogue import lease_of
from app.leases import State
from app.web import tracing
from app.web.json_gate import written

MOST_BYTES: Final = 1024 * 1024
"""Of the bodies that one read keeps; the rows beside them take about four times as much."""


LEASED: Final = "parlour.leased"
"""Where the environment of a request has `Leased`, if its answer is that."""


class Leased(NamedTuple):
    """Which state an answer is not older than, so that whoever asks the same without credentials is answered the same
    for as long as that is leased; and what the log says of the request."""

    state: State
    route: str
    path: str


@dataclass(slots=True)
class Known:
    """A thing, its body, the body's weak `ETag`, and a leased state that the thing is not older than, if any."""

    thing: Any
    body: bytes
    tag: str
    state: State | None = None


def leased_state() -> State | None:
    """Return the state of the catalogue for the present request; None where its answer may not go by a lease.

    Whoever sends credentials may be shown more, and asks the database.
    """
    lease = lease_of(current_app)
    return None if lease is None or "Authorization" in request_ctx.request.headers else lease.state()


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

    def leased(self, state: State | None) -> Response | None:
        """Answer the present request with what was read in this state; None where nothing was, or it is None."""
        known = self._known.get(_asked())
        if state is None or known is None or known.state != state:
            return None
        return _answered(known, state)

    def answer(self, thing: Any, state: State | None = None) -> Response:
        """Answer the present request with the thing, which was read after the state was asked for, if one was."""
        asked = _asked()
        known = self._known.get(asked)
        if known is None or known.thing != thing:
            known = self._keep(asked, thing)
        if state is not None:
            known.state = state
        return _answered(known, state)

    def _keep(self, asked: str, thing: Any) -> Known:
        """Keep its body. Where there are too many, all are forgotten: what is asked often is soon there again."""
        body = written(self._dump(thing))
        if self._bytes > MOST_BYTES:
            self._bytes = 0
            self._known.clear()
        self._bytes += len(asked) + len(body)
        known = self._known[asked] = Known(thing, body, f'W/"{generate_etag(body)}"')
        return known


def _asked() -> str:
    environ = request_ctx.request.environ
    return f"{environ.get('PATH_INFO')}?{environ.get('QUERY_STRING')}"


def _answered(known: Known, state: State | None) -> Response:
    if state is not None:
        asked = request_ctx.request
        route = asked.url_rule.rule if asked.url_rule else ""
        asked.environ[LEASED] = Leased(state, route, tracing.loggable_path(asked))
    return Response(known.body, headers=(("ETag", known.tag),), mimetype="application/json")
