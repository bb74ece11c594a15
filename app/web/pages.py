"""Pages for people, where an address of the API is opened in a browser: one answer, without scripts, in English.

A page is shown to whoever would rather have HTML than JSON. It changes nothing but by its button, which posts a form.
"""

import functools
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template, request

from app.extensions import business
from app.kit import written
from app.kit.errors import Refusal

POLICY = "default-src 'none'; style-src 'nonce-{}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
LOCALE = "en"

View = Callable[..., Any]


def wants_page() -> bool:
    """Say whether the request would rather have HTML than JSON; one that takes anything gets JSON."""
    wanted = request.accept_mimetypes
    return wanted.quality("text/html") > wanted.quality("application/json")


def page(template: str, *, status: int = 200, zone: str | None = None, **words: Any) -> Response:
    """Return a page, with filters that write days and times on the clocks of `zone`, or else of the house."""
    clocks = ZoneInfo(zone or business.timezone)
    written_as = {
        "day": partial(written.day, zone=clocks, locale=LOCALE),
        "clock": partial(written.clock, zone=clocks, locale=LOCALE),
        "money": partial(written.money, locale=LOCALE),
    }
    nonce = secrets.token_urlsafe(16)
    made = make_response(render_template(template, house=business.name, nonce=nonce, **written_as, **words), status)
    made.headers["Content-Security-Policy"] = POLICY.format(nonce)
    made.headers["X-Robots-Tag"] = "noindex"
    made.vary.add("Accept")
    return made


def also_as_page(show: Callable[..., Response]) -> Callable[[View], View]:
    """Let a view that reads answer by `show`, called with its thing and its arguments, where a page is wanted."""

    def decorate(view: View) -> View:
        shown = answering_people(lambda **given: show(view(**given), **given))

        @functools.wraps(view)
        def answer(**given: Any) -> Any:
            return shown(**given) if wants_page() else (view(**given), {"Vary": "Accept"})

        return answer

    return decorate


def answering_people(view: View) -> View:
    """Let a view say on a page what it refuses."""

    @functools.wraps(view)
    def answer(**given: Any) -> Any:
        try:
            return view(**given)
        except Refusal as refusal:
            return page("refused.html", status=refusal.status, refusal=refusal, path=_shown_at())

    return answer


def _shown_at() -> str:
    """Return where what a page is about is shown: its button posts to the same path outside the API."""
    return f"/api{request.path.removeprefix('/api')}"
