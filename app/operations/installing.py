"""What `create_app` calls for all of it."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from app.extensions import db
from app.operations import figures, readiness, slow_queries
from app.settings.operations import Operations


def install(app: Flask, public: Callable[[Any], Any]) -> None:
    """Serve `/readyz` and `/metrics`, count, and watch what the settings wish; `public` opens a view to everybody."""
    wishes: Operations = app.extensions["settings"].operations
    app.add_url_rule("/readyz", "readyz", public(readiness.ready))
    app.add_url_rule("/metrics", "metrics", public(figures.show))
    with app.app_context():
        engine = db.engine
    figures.install(app, engine)
    if wishes.slow_query_ms is not None:
        slow_queries.install(engine, wishes.slow_query_ms)
    if wishes.sentry_dsn is not None:
        from app.operations import errors_sent  # noqa: PLC0415  # its package need not be installed

        errors_sent.install(wishes.sentry_dsn, app.extensions["settings"].environment)
    if wishes.traces_endpoint is not None:
        from app.operations import traces  # noqa: PLC0415  # the same

        traces.install(app, engine, wishes.traces_endpoint)
