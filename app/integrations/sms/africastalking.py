"""Texts by Africa's Talking: `POST /version1/messaging`. Whether one was taken stands in the answer, per number."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from app.integrations.sms.http import post_form
from app.integrations.sms.text import NumberRefused, SmsFailed, TextMessage

if TYPE_CHECKING:
    from config import Sms

API: Final = "https://api.africastalking.com"
SANDBOX_API: Final = "https://api.sandbox.africastalking.com"
SANDBOX: Final = "sandbox"

TAKEN: Final = frozenset({100, 101, 102})
"""Processed, sent, queued."""

HOPELESS: Final = frozenset({403, 404, 406, 409})
"""An invalid number, one of an unsupported type, one that is on a blacklist, one that wants no such texts.

All else may go well another time: risk hold, sender id, balance, routing, gateways.
"""


class AfricasTalking:
    """An account with Africa's Talking; that of the name `sandbox` reaches their simulator."""

    def __init__(self, settings: Sms) -> None:
        """Take the account's name, its key, and the sender: a short code or a name, or nothing."""
        self._settings = settings
        base = settings.api_base or (SANDBOX_API if settings.account == SANDBOX else API)
        self._url = f"{base}/version1/messaging"

    def send(self, message: TextMessage) -> None:
        """Hand a text over. Raises `NumberRefused` and `SmsFailed`."""
        form = {"username": self._settings.account, "to": message.to, "message": message.text}
        if self._settings.sender:
            form["from"] = self._settings.sender
        headers = {"apiKey": self._settings.secret}
        answer = post_form(self._url, form, headers, seconds=self._settings.timeout_seconds)
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise SmsFailed(f"africastalking {answer.status}")
        code = _code(answer.json)
        if code in HOPELESS:
            raise NumberRefused(f"africastalking {code}")
        if code not in TAKEN:
            raise SmsFailed(f"africastalking {code}")


def _code(said: dict[str, Any]) -> int | None:
    """Return the status of the one recipient; None where the answer names none."""
    try:
        return int(said["SMSMessageData"]["Recipients"][0]["statusCode"])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
