"""Pages for people, where an address of ours is opened in a browser: one answer in English, nothing from elsewhere.

Where programs use the address too, a page is shown to whoever would rather have HTML than JSON. It changes nothing but
by its button: programs that look at mail follow links.
"""

import functools
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, after_this_request, make_response, render_template, request

from app.extensions import business
from app.kit import written
from app.kit.errors import Refusal

POLICY = "default-src 'none'; style-src 'nonce-{}'; base-uri 'none'; frame-ancestors 'none'; "
BUTTON = "form-action 'self'"
SCRIPT = "form-action 'none'; script-src 'nonce-{}'; connect-src 'self'"
"""What a page may do: post its form, or have its own script ask us."""

PEOPLE = "is_for_people"
"""The attribute of a view that shows pages: called, it says whether the request at hand wants one."""

LOCALE = "en"

View = Callable[..., Any]


def wants_page() -> bool:
    """Say whether the request would rather have HTML than JSON; one that takes anything gets JSON."""
    wanted = request.accept_mimetypes
    as_page = max(wanted.quality("text/html"), wanted.quality("application/xhtml+xml"))
    return as_page > wanted.quality("application/json")


def shows_page(view: View | None) -> bool:
    """Say whether a view answers the request at hand by a page."""
    return bool(getattr(view, PEOPLE, lambda: False)())


def page(
    template: str, *, status: int = 200, zone: str | None = None, scripted: bool = False, **words: Any
) -> Response:
    """Return a page, with filters that write days and times on the clocks of `zone`, or else of the house.

    One that is `scripted` asks the API itself; the others post a form.
    """
    clocks = ZoneInfo(zone or business.timezone)
    written_as = {
        "day": partial(written.day, zone=clocks, locale=LOCALE),
        "clock": partial(written.clock, zone=clocks, locale=LOCALE),
        "money": partial(written.money, locale=LOCALE),
    }
    nonce = secrets.token_urlsafe(16)
    made = make_response(render_template(template, house=business.name, nonce=nonce, **written_as, **words), status)
    made.headers["Content-Security-Policy"] = (POLICY + (SCRIPT if scripted else BUTTON)).replace("{}", nonce)
    made.headers["X-Robots-Tag"] = "noindex"
    return made


def also_as_page(show: Callable[..., Response]) -> Callable[[View], View]:
    """Let a view that reads answer by `show`, called with its thing and its arguments, where a page is wanted."""

    def decorate(view: View) -> View:
        shown = answering_people(lambda **given: show(view(**given), **given))

        @functools.wraps(view)
        def answer(**given: Any) -> Any:
            after_this_request(_told_apart)
            return shown(**given) if wants_page() else view(**given)

        setattr(answer, PEOPLE, wants_page)
        return answer

    return decorate


def answering_people(view: View) -> View:
    """Let a view say on a page what it refuses."""

    @functools.wraps(view)
    def answer(**given: Any) -> Any:
        try:
            return view(**given)
        except Refusal as refusal:
            return refused(refusal)

    setattr(answer, PEOPLE, lambda: True)
    return answer


def refused(refusal: Refusal) -> Response:
    """Return the page that says why something is refused."""
    made = page("refused.html", status=refusal.status, refusal=refusal, path=_shown_at())
    made.headers.update(refusal.headers)
    return made


def _told_apart(answer: Response) -> Response:
    """Tell caches that programs get something else."""
    answer.vary.add("Accept")
    return answer


def _shown_at() -> str:
    """Return where what a page is about is shown: its button posts to the same path outside the API."""
    return f"/api{request.path.removeprefix('/api')}"
