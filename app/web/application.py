"""Flask, without what no request here needs: sessions in cookies, and views and hooks that are coroutines."""

from collections.abc import Callable
from typing import Any, Final

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface, SessionMixin

NO_SESSION: Final = NullSession()
"""Refuses to be written."""


class NoSessions(SessionInterface):
    """Opens none: tokens travel in `Authorization`, and nobody is told by a cookie."""

    def open_session(self, _app: Flask, _request: Request) -> SessionMixin:
        """Return the one that nobody can write into; Flask would make the means to sign one for each request."""
        return NO_SESSION


class Application(Flask):
    """The application's class."""

    session_interface = NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func`: all of ours are plain functions, and Flask would look at each of them for each request."""
        return func
