"""Headers that every answer carries, errors and empty ones included. A view that sets one of them has its way."""

from flask import Flask, Response, request

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

JSON_TYPES = frozenset({"application/json", "application/problem+json"})


def install(app: Flask, *, always_secure: bool = False) -> None:
    """Add the headers to the answers of `app`; `always_secure` where people reach it by https only."""
    app.after_request(add)
    app.after_request(insist if always_secure else insist_where_secure)


def add(response: Response) -> Response:
    """Keep answers out of caches unless a view says otherwise, and browsers from guessing, framing and embedding."""
    if not response.cache_control:
        response.headers.setdefault("Cache-Control", "no-store")
    for name, value in USUAL.items():
        response.headers.setdefault(name, value)
    if response.headers.get("Content-Type") in JSON_TYPES:
        response.headers["Content-Type"] += "; charset=utf-8"
    return response


def insist(response: Response) -> Response:
    """Have browsers come by https from now on, whatever the link says (RFC 6797)."""
    response.headers.setdefault(TRANSPORT, ONE_YEAR)
    return response


def insist_where_secure(response: Response) -> Response:
    """Do so only where this request came by https: a development server has no certificate."""
    return insist(response) if request.is_secure else response
