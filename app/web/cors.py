"""Which pages of other origins may call the API: those of `CORS_ORIGINS`, letter by letter, without credentials.

Tokens travel in `Authorization`, never in cookies, so that no page can borrow them.
"""

import re

from flask import Flask, Response, request
from flask_cors import CORS

API = re.compile("/api/")

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TRACES = ("traceparent", "tracestate", "baggage", "sentry-trace")
SENT = ("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-Request-ID", *TRACES)
FILES = ("Content-Disposition",)
READ = ("X-Request-ID", "ETag", "Location", "Retry-After", "Idempotent-Replayed", "Deprecation", "Link", *FILES)
PREFLIGHT_SECONDS = 600


def install(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of `origins` call the API of `app` and read its answers, errors included; `*` alone means all."""
    if not origins:
        return
    CORS(
        app,
        resources={API: {}},
        # Of anything but "*", flask-cors would guess whether it is a regular expression.
        origins="*" if origins == ("*",) else [re.compile(f"{re.escape(origin)}\\Z") for origin in origins],
        methods=METHODS,
        allow_headers=list(SENT),
        expose_headers=list(READ),
        max_age=PREFLIGHT_SECONDS,
        supports_credentials=False,
        send_wildcard=True,
        always_send=False,
        vary_header=False,
        intercept_exceptions=False,
    )
    if origins != ("*",):
        app.after_request(vary)


def vary(response: Response) -> Response:
    """Tell caches that the answer depends on the origin, also where it was refused one."""
    if API.match(request.path):
        response.vary.add("Origin")
    return response
