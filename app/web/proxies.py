"""Whose word counts about where a request comes from: that of the proxies that the settings name, nobody else's.

`Host` and `X-Forwarded-Host` are never believed: links are built from `PUBLIC_BASE_URL` and `FRONTEND_URL`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from app.kit.networks import IPAddress, read_address

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

    from config import TrustedProxies

FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"
FORWARDED_PROTO = "HTTP_X_FORWARDED_PROTO"
SCHEMES = frozenset({"http", "https"})


def install(app: Flask, trusted: TrustedProxies) -> None:
    """Let `app` see the caller's address and scheme as the proxies that are trusted tell them."""
    if trusted.count or trusted.networks:
        app.wsgi_app = TrustedWord(app.wsgi_app, trusted)  # type: ignore[method-assign]  # as Flask's manual has it


class TrustedWord:
    """Reduces `X-Forwarded-For` and `-Proto` to the one value that may be believed, for `ProxyFix` to apply.

    A caller can write anything to the left of what the proxies append, unclosed quotes included.
    """

    def __init__(self, app: WSGIApplication, trusted: TrustedProxies) -> None:
        """Wrap `app`."""
        self.trusted = trusted
        self.fixed = ProxyFix(app, x_for=1, x_proto=1, x_host=0)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request as the wrapped application does."""
        is_proxy = self.trusted.count > 0 or self._knows(read_address(environ.get("REMOTE_ADDR", "")))
        client = self._client(_chain(environ.get(FORWARDED_FOR, ""))) if is_proxy else None
        scheme = environ.get(FORWARDED_PROTO, "").rpartition(",")[2].strip().lower()
        environ[FORWARDED_FOR] = str(client or "")
        environ[FORWARDED_PROTO] = scheme if is_proxy and scheme in SCHEMES else ""
        return self.fixed(environ, start_response)

    def _client(self, chain: list[IPAddress]) -> IPAddress | None:
        """Return the address that the outermost trusted proxy was called from; None where it does not say."""
        if self.trusted.count:
            return chain[self.trusted.count - 1] if len(chain) >= self.trusted.count else None
        strangers = (address for address in chain if not self._knows(address))
        return next(strangers, chain[-1] if chain else None)

    def _knows(self, address: IPAddress | None) -> bool:
        return address is not None and any(address in network for network in self.trusted.networks)


def _chain(header: str) -> list[IPAddress]:
    """Return the addresses of the header, the nearest first, up to the first that is none."""
    found: list[IPAddress] = []
    for text in reversed(header.split(",")):
        address = read_address(text)
        if address is None:
            break
        found.append(address)
    return found
