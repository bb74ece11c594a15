"""Headers that every answer carries, errors and empty ones included. A view that sets one of them has its way.

They are added on the way out to the server: there an answer's headers are a plain list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

    Headers = list[tuple[str, str]]
    Raised = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None

USUAL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Says who may embed an answer unread, as an image or a script. Who may read it by fetch is said in `cors`.
    "Cross-Origin-Resource-Policy": "same-origin",
}

TRANSPORT = "Strict-Transport-Security"
ONE_YEAR = "max-age=31536000; includeSubDomains"

JSON_TYPES: Final = {name: f"{name}; charset=utf-8" for name in ("application/json", "application/problem+json")}

EVERYWHERE: Final = {name.lower(): (name, value) for name, value in {"Cache-Control": "no-store", **USUAL}.items()}
"""Keeps answers out of caches unless a view says otherwise, and browsers from guessing, framing and embedding."""

SECURE: Final = {**EVERYWHERE, TRANSPORT.lower(): (TRANSPORT, ONE_YEAR)}
"""Has browsers come by https from now on besides, whatever the link says (RFC 6797)."""

CONSTANT: Final = frozenset(SECURE.values())
"""Headers with values that are the same in all answers that have them."""


def install(app: Flask, *, always_secure: bool = False) -> None:
    """Add the headers to the answers of `app`; `always_secure` where people reach it by https only.

    Elsewhere only what came by https is answered with HSTS: a development server has no certificate.
    """
    app.wsgi_app = Completing(app.wsgi_app, always_secure=always_secure)  # type: ignore[method-assign]  # as Flask's manual has it


class Completing:
    """Completes the headers of what the application answers."""

    def __init__(self, app: WSGIApplication, *, always_secure: bool) -> None:
        """Wrap `app`."""
        self.app = app
        self.always_secure = always_secure

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request as the wrapped application does."""

        def start(status: str, headers: Headers, raised: Raised = None, /) -> object:
            secure = self.always_secure or environ["wsgi.url_scheme"] == "https"
            return start_response(status, completed(headers, SECURE if secure else EVERYWHERE), raised)

        return self.app(environ, start)  # type: ignore[arg-type]  # nobody uses the writer that it returns


def completed(headers: Headers, usual: Mapping[str, tuple[str, str]]) -> Headers:
    """Return an answer's headers with those of `usual` that it lacks, and the charset of JSON."""
    said = {name.lower() for name, _ in headers}
    found = [
        (name, JSON_TYPES.get(value, value)) if name == "Content-Type" else (name, value) for name, value in headers
    ]
    if said.isdisjoint(usual):
        found += usual.values()
    else:
        found += [header for name, header in usual.items() if name not in said]
    return found
