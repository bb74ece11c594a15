"""Unexpected errors, sent to Sentry: the trace and where it happened. Nothing of what was sent, nobody's data.

A task that fails ends no program: it is tried again, stands in the log, and in the end among the jobs of an admin.
"""

from typing import Any

import sentry_sdk
import structlog
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.flask import FlaskIntegration

from app.kit.quoted_rows import without_rows

LAST_SECONDS = 2
"""How long a program that ends waits for Sentry to take what it has not sent yet."""


def install(dsn: str, environment: str) -> None:
    """Send what a request ends with unexpectedly, and what ends a program, from now on."""
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        default_integrations=False,
        integrations=[
            FlaskIntegration(transaction_style="url"),
            ExcepthookIntegration(),
            AtexitIntegration(callback=_wait_silently),
        ],
        shutdown_timeout=LAST_SECONDS,
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        max_breadcrumbs=0,
        send_client_reports=False,
        before_send=_discreet,
    )


def _wait_silently(_pending: int, _seconds: float) -> None:
    """Say nothing of it on the terminal, as Sentry's own would."""


def _discreet(event: Any, _hint: Any) -> Any:
    """Leave of the request its method, of the messages no quoted rows; add the request's id, as in the log."""
    event["request"] = {"method": event.get("request", {}).get("method")}
    for error in event.get("exception", {}).get("values", []):
        error["value"] = without_rows(error.get("value") or "")
    known = structlog.contextvars.get_contextvars()
    event["tags"] = {name: known[name] for name in ("request_id",) if name in known}
    event["user"] = {"id": known["user_id"]} if "user_id" in known else {}
    event.pop("server_name", None)
    return event
