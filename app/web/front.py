"""Answers in front of Flask: what it has answered to the same question under a lease that still holds is said again.

Nothing is made up here: an answer is Flask's own, with the id of the present request. What Flask does besides for each
request is done as well: its line in the log, its place in the figures, its weight in the limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from app.web import tracing
from app.web.kept import LEASED
from app.web.legacy_paths import SUCCESSOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

    from app.leases import Lease, State
    from app.web.headers import Headers, Raised
    from app.web.kept import Leased

    Question = tuple[str | None, ...]
    Count = Callable[[str, str, int, float], object]
    Admits = Callable[[WSGIEnvironment], bool]

MOST_BYTES: Final = 1024 * 1024
"""Of the answers that are kept."""

ENTRY_BYTES: Final = 2048
"""What an answer takes, about, beside its question and its body: its headers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Flask has answered in a state: all that goes to the server, and what the log says of it.

    `id_at` is the place of the request's id among the headers.
    """

    state: State
    status: str
    headers: Headers
    id_at: int
    body: tuple[bytes, ...]
    code: int
    route: str
    path: str

    @property
    def size(self) -> int:
        """How many bytes it takes, about."""
        return ENTRY_BYTES + sum(map(len, self.body))


class Front:
    """Answers again what may be answered again, and hands on everything else."""

    def __init__(self, app: WSGIApplication, lease: Lease, count: Count, admits: Admits) -> None:
        """Wrap `app`, whose answers `lease` covers.

        `count` is told of each answer; `admits` counts the caller of one, and says no where `app` is to refuse it.
        """
        self.app = app
        self._lease = lease
        self._count = count
        self._admits = admits
        self._answers: dict[Question, Answer] = {}
        self._bytes = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request as the wrapped application would."""
        began = perf_counter()
        question = _question(environ)
        if question is None:
            return self.app(environ, start_response)
        answer = self._answers.get(question)
        if answer is None or answer.state != self._lease.state() or not self._admits(environ):
            return self._asked(question, environ, start_response)
        return self._again(answer, environ, start_response, began)

    def _again(
        self, answer: Answer, environ: WSGIEnvironment, start_response: StartResponse, began: float
    ) -> Iterable[bytes]:
        headers = answer.headers.copy()
        headers[answer.id_at] = (tracing.HEADER, tracing.enter(environ))
        tracing.write_line("GET", answer.route, answer.path, answer.code, began)
        self._count("GET", answer.route, answer.code, began)
        start_response(answer.status, headers)
        return answer.body

    def _asked(self, question: Question, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the application answer, and keep what it says where that is leased."""
        said: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, raised: Raised = None, /) -> object:
            said.append((status, headers))
            return start_response(status, headers, raised)

        body = self.app(environ, start)  # type: ignore[arg-type]  # nobody uses the writer that it returns
        leased: Leased | None = environ.get(LEASED)
        if leased is None or len(said) != 1 or SUCCESSOR in environ:  # the log tells who comes by an earlier path
            return body
        try:
            whole = tuple(body)
        finally:
            getattr(body, "close", lambda: None)()
        self._keep(question, leased, *said[0], whole)
        return whole

    def _keep(self, question: Question, leased: Leased, status: str, headers: Headers, body: tuple[bytes, ...]) -> None:
        """Keep the answer where the same is likely to be asked again. Where there are too many, all are forgotten."""
        code, known = int(status[:3]), question[-1]
        tag = next((value for name, value in headers if name == "ETag"), None)
        id_at = next((place for place, (name, _) in enumerate(headers) if name == tracing.HEADER), None)
        if id_at is None or (code, known) not in {(200, None), (304, tag)}:
            return
        answer = Answer(leased.state, status, headers, id_at, body, code, leased.route, leased.path)
        if self._bytes > MOST_BYTES:
            self._bytes = 0
            self._answers.clear()
        before = self._answers.get(question)
        self._bytes += answer.size - before.size if before else answer.size + sum(len(word or "") for word in question)
        self._answers[question] = answer


def _question(environ: WSGIEnvironment) -> Question | None:
    """Return all of a request on which a leased answer depends; None where there may be more to it."""
    if environ["REQUEST_METHOD"] != "GET" or "HTTP_AUTHORIZATION" in environ or "HTTP_ORIGIN" in environ:
        return None
    words = ("wsgi.url_scheme", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_IF_NONE_MATCH")
    return tuple([environ.get(word) for word in words])


def install(app: Flask, lease: Lease, *, count: Count, admits: Admits) -> None:
    """Answer in front of `app` what its answers under `lease` are: see `Front`."""
    app.wsgi_app = Front(app.wsgi_app, lease, count, admits)  # type: ignore[method-assign]  # as Flask's manual has it
