"""Counting callers in front of Flask, in the very windows in which `limits` counts them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from flask import Flask
from flask_limiter import Limiter
from limits import parse

from app.security.callers import HASH_KEY, address_hash

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

Admits = Callable[["WSGIEnvironment"], bool]

CALLER: Final = "caller"
"""The scope of the limit for whoever tries no credentials."""

_ADMITS: Final = "admits"


def install(app: Flask, limiter: Limiter, limit: str) -> None:
    """Let `admission` tell how `limiter` counts by `limit`, as it does for reads of `app` without credentials."""
    item, key = parse(limit), app.extensions[HASH_KEY]

    def admits(environ: "WSGIEnvironment") -> bool:
        """Count a caller without credentials, unless that would make too many."""
        return limiter.limiter.hit(item, address_hash(environ.get("REMOTE_ADDR") or "", key), CALLER)

    app.extensions[_ADMITS] = admits


def admission(app: Flask) -> Admits | None:
    """Return what says of a request without credentials whether it is let through; None where Flask alone can tell."""
    settings = app.extensions["settings"].limits
    if not settings.enabled:
        return lambda _environ: True
    return None if settings.redis_url else app.extensions[_ADMITS]
