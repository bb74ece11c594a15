"""Texts to phones (SMS), by the provider that SMS_PROVIDER names; `log` notes that one would have gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import current_app

from app.integrations.sms.africastalking import AfricasTalking
from app.integrations.sms.log import Log
from app.integrations.sms.text import NumberRefused, Provider, SmsFailed, TextMessage
from app.integrations.sms.twilio import Twilio

if TYPE_CHECKING:
    from collections.abc import Callable

    from config import Sms

__all__ = ["NumberRefused", "Provider", "SmsFailed", "TextMessage", "provider_of", "send"]

PROVIDERS: Final[dict[str, Callable[[Sms], Provider]]] = {
    "log": lambda _settings: Log(),
    "twilio": Twilio,
    "africastalking": AfricasTalking,
}


def provider_of(settings: Sms) -> Provider:
    """Return the provider that the settings name."""
    return PROVIDERS[settings.provider](settings)


def send(message: TextMessage) -> None:
    """Send a text as the running application is set to. Raises `NumberRefused`, never to be tried again, and
    `SmsFailed`, which may go well another time."""
    provider_of(current_app.extensions["settings"].sms).send(message)
