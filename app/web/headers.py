"""Headers that every answer carries."""

from flask import Flask, Response


def install(app: Flask) -> None:
    """Add the headers to the answers of `app`."""
    app.after_request(add)


def add(response: Response) -> Response:
    """Keep answers out of caches unless a view says otherwise, and browsers from guessing at their type."""
    if not response.cache_control:
        response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response
