"""What whoever runs this wants to see of it."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Final

from marshmallow.validate import Range, Regexp

from app.settings.checks import is_web_address
from app.settings.environment import Environment, SettingsError

BEARER: Final = r"[A-Za-z0-9._~+/-]{16,}=*\Z"
"""What may stand behind the word Bearer (RFC 6750 §2.1)."""


@dataclass(frozen=True, slots=True)
class Operations:
    """Who may read the figures, from when on something counts as slow or late, and where errors and traces go.

    Without a token the figures are nobody's in production. None elsewhere: not wanted.
    """

    metrics_token: str | None = field(repr=False)
    ready_queue_seconds: int | None
    slow_query_ms: int | None
    sentry_dsn: str | None = field(repr=False)
    traces_endpoint: str | None


def read_operations(env: Environment) -> Operations:
    """Return the wishes of METRICS_TOKEN, READY_QUEUE_SECONDS, SLOW_QUERY_MS, SENTRY_DSN and OTEL_…."""
    return Operations(
        metrics_token=env.str(
            "METRICS_TOKEN",
            None,
            validate=Regexp(BEARER, error="Must be 16 characters or more, as a Bearer token has them."),
        ),
        ready_queue_seconds=env.int("READY_QUEUE_SECONDS", None, validate=Range(1, 86_400)),
        slow_query_ms=env.int("SLOW_QUERY_MS", None, validate=Range(0, 60_000)),
        sentry_dsn=_address_for(env, "SENTRY_DSN", package="sentry_sdk"),
        traces_endpoint=_address_for(env, "OTEL_EXPORTER_OTLP_ENDPOINT", package="opentelemetry.exporter"),
    )


def _address_for(env: Environment, name: str, *, package: str) -> str | None:
    """Return an address to which something is sent by a package that need not be installed."""
    address: str | None = env.str(name, None, validate=is_web_address)
    if address is not None and not _is_installed(package):
        raise SettingsError(f"{name} needs more packages: pip install -r requirements-telemetry.txt.")
    return address


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # of the package's own parent
        return False
