"""Requests to addresses that admins name: made so that they reach nothing but what is meant to be reached."""

from flask import current_app

from app.integrations import targets
from app.integrations.webhooks import client
from app.integrations.webhooks.client import TOTAL_SECONDS, Outcome

__all__ = ["TOTAL_SECONDS", "Outcome", "fault_of", "post"]


def fault_of(url: str) -> str | None:
    """Say what keeps the running application from calling an address, None for nothing; asks no DNS."""
    return targets.fault_of(url, allow_private=_allow_private())


def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Send a JSON body as the running application is set to; wait for the answer's status, and no longer than it may.

    Raises nothing: what went wrong is the outcome.
    """
    return client.post(url, body, headers, allow_private=_allow_private())


def _allow_private() -> bool:
    return bool(current_app.extensions["settings"].webhooks_allow_private)
