"""How often one may ask: by account and by network address where credentials are tried, by caller elsewhere.

All limits are checked before the view, its guard and the database, from what the request itself says. Views are marked
by the decorators here. Windows move: at no moment were more let through in the last minute than the limit says.
"""

from collections.abc import Callable
from http import HTTPStatus
from math import ceil
from typing import Any, Final, ParamSpec, TypeVar

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from limits.strategies import MovingWindowRateLimiter

from app.kit.clock import utcnow
from app.kit.errors import Refusal
from app.models import Role
from app.security import admission, callers
from app.security.callers import access_claims, account, address, caller
from app.security.guards import requested_view
from app.security.tokens import ROLE
from app.security.windows import Windows
from app.web.pages import refused, shows_page
from app.web.problems import from_refusal

P = ParamSpec("P")
R = TypeVar("R")

FAILURES: Final = "10/15 minutes"
"""Wrong passwords for one account, from however many network addresses. Who is signed in stays so."""

FAILED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""How views answer to wrong passwords."""

BOOKINGS: Final = "60/10 minutes"
"""Bookings and orders that one client makes; more, mostly given up again, keep others from the time and the stock."""

SIGN_IN: Final = "sign_in"
LINK: Final = "link"
CONFIRMATION: Final = "confirmation"
CODE: Final = "code"
BOOKING: Final = "booking"
FREE: Final = "free"

REDIS_SECONDS: Final = 0.25
"""What a request waits for Redis, at most; then this process counts by itself, and looks again in a while."""

UNKNOWN_SECONDS: Final = 60
"""What a refusal tells to wait where Redis has gone away meanwhile."""


class TooManyRequests(Refusal):
    """Somebody asks more often than one may."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_requests"
    title = "Too many requests."


def limited_sign_in(view: Callable[P, R]) -> Callable[P, R]:
    """Limit a view that takes a password, by network address and by account; failures (401, 403) by account once more.

    The account is that of the body's `email` on a public view, and whose access token it is elsewhere.
    """
    return _marked(view, SIGN_IN)


def limited_links(view: Callable[P, R]) -> Callable[P, R]:
    """Limit a view in the same way where no password is tried. It stays open where failures have closed the account:
    whoever cannot sign in for them must be able to ask for another password."""
    return _marked(view, LINK)


def limited_confirmation(view: Callable[P, R]) -> Callable[P, R]:
    """Limit a view in the same way where the body has a `current_password`, and as any other where it has none."""
    return _marked(view, CONFIRMATION)


def limited_codes(view: Callable[P, R]) -> Callable[P, R]:
    """Limit a view like a link where the body has the `code` of a gift card, which might be guessed."""
    return _marked(view, CODE)


def limited_bookings(view: Callable[P, R]) -> Callable[P, R]:
    """Limit what a client creates (201, or `count_as_booking`) by this view. Staff and admins book for many."""
    return _marked(view, BOOKING)


def limited_bookings_of(token_in: Callable[[Any], str | None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Limit a view that others call for clients in the same way, by whose access token `token_in` finds in the body.

    Whoever fails to prove who calls (401) is limited by network address, as where passwords are tried.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.token_in = token_in  # type: ignore[attr-defined]  # marks the function, and what wraps it
        return limited_bookings(view)

    return decorate


def count_as_booking() -> None:
    """Let the request count as one that has made a booking, though it is not answered by 201."""
    g.counts_as_booking = True


def unlimited(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view be asked as often as one likes: providers say what they have to say, and come from few addresses."""
    return _marked(view, FREE)


def install(app: Flask, key_of_email: Callable[[str], str]) -> None:
    """Limit the requests to `app`, unless the settings say no; `key_of_email` gives all spellings one form."""
    settings = app.extensions["settings"]
    if not settings.limits.enabled:
        return
    callers.install(app, key_of_email)
    limiter = Limiter(
        caller,
        application_limits=_limits(settings.limits.sign_in, settings.limits.caller),
        strategy="moving-window",
        fail_on_first_breach=False,  # so that Retry-After can name the last of the limits to open again
        request_identifier=lambda: request.endpoint or "nowhere",
        **_storage(settings.limits.redis_url),
    )
    limiter.init_app(app)
    admission.install(app, limiter, settings.limits.caller)
    if settings.limits.redis_url:
        limiter._fallback_limiter = MovingWindowRateLimiter(Windows())  # noqa: SLF001  # see Windows
    app.register_error_handler(RateLimitExceeded, lambda _breach: _refusal(limiter))


def _limits(sign_in: str, others: str) -> list[str | Callable[[], str] | ApplicationLimit]:
    """Return all limits. One that does not concern the request at hand is empty text, and costs nothing."""
    return [
        ApplicationLimit(lambda: others if _is_other() else "", key_function=caller, scope=admission.CALLER),
        ApplicationLimit(lambda: sign_in if _tries() else "", key_function=address, scope="sign-in by address"),
        ApplicationLimit(
            lambda: sign_in if _tries() and account() else "", key_function=account, scope="sign-in by account"
        ),
        ApplicationLimit(
            lambda: FAILURES if _guesses() and account() else "",
            key_function=account,
            scope="failures",
            deduct_when=lambda answer: answer.status_code in FAILED,
        ),
        ApplicationLimit(
            lambda: BOOKINGS if _is_clients_booking() else "",
            key_function=caller,
            scope="bookings",
            deduct_when=lambda answer: answer.status_code == HTTPStatus.CREATED or "counts_as_booking" in g,
        ),
        ApplicationLimit(
            lambda: FAILURES if hasattr(requested_view(), "token_in") else "",
            key_function=address,
            scope="failures of callers for clients",
            deduct_when=lambda answer: answer.status_code == HTTPStatus.UNAUTHORIZED,
        ),
    ]


def _storage(redis_url: str | None) -> dict[str, Any]:
    if redis_url is None:
        return {"storage_uri": "process://"}
    from redis.backoff import NoBackoff  # noqa: PLC0415  # a tenth of the start of a process, and few need it
    from redis.retry import Retry  # noqa: PLC0415  # the same

    patience = {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS}
    return {
        "storage_uri": redis_url.replace("unix://", "redis+unix://", 1),
        "storage_options": {**patience, "retry": Retry(NoBackoff(), 0)},
        "in_memory_fallback_enabled": True,
        "swallow_errors": True,  # of several requests that find Redis gone at once, one changes over; none may fail
    }


def _refusal(limiter: Limiter) -> Response:
    """Answer 429, with the seconds after which a request would be let through if nobody else came meanwhile."""
    now = utcnow().timestamp()
    try:
        waits = [one.window.reset_time - now for one in limiter.current_limits if one.breached]
    except limiter.storage.base_exceptions:
        waits = [UNKNOWN_SECONDS]
    seconds = max(1, *(ceil(wait) for wait in waits))
    refusal = TooManyRequests(f"Try again in {seconds} seconds.", headers={"Retry-After": str(seconds)})
    return refused(refusal) if shows_page(requested_view()) else from_refusal(refusal)


def _marked(view: Callable[P, R], mark: str) -> Callable[P, R]:
    view.limited_as = mark  # type: ignore[attr-defined]  # marks the function, and what wraps it
    return view


def _is(mark: str) -> bool:
    """Say whether the request is for a view with this mark. A preflight asks for none."""
    return request.method != "OPTIONS" and getattr(requested_view(), "limited_as", None) == mark


def _is_other() -> bool:
    """Say whether the request is for the API, and tries no credentials. Some views and the system are free."""
    return request.path.startswith("/api/") and request.method != "OPTIONS" and not _tries() and not _is(FREE)


def _tries() -> bool:
    """Say whether the request tries credentials, or has mail sent."""
    return _is(LINK) or _guesses() or (_is(CODE) and "code" in g.json_body)


def _guesses() -> bool:
    """Say whether the request tries a password."""
    return _is(SIGN_IN) or (_is(CONFIRMATION) and "current_password" in g.json_body)


def _is_clients_booking() -> bool:
    return _is(BOOKING) and access_claims().get(ROLE) == Role.CLIENT.value
