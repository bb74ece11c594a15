"""Unexpected errors, sent to Sentry: the trace and where it happened. Nothing of what was sent, nobody's data."""

from typing import Any

import sentry_sdk
import structlog
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.flask import FlaskIntegration

from app.kit.quoted_rows import without_rows


def install(dsn: str, environment: str) -> None:
    """Send what a request ends with unexpectedly, and what ends a program, from now on."""
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        default_integrations=False,
        integrations=[FlaskIntegration(transaction_style="url"), ExcepthookIntegration()],
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        max_breadcrumbs=0,
        send_client_reports=False,
        before_send=_discreet,
    )


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
