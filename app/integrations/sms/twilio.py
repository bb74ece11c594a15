"""Texts by Twilio: `POST /2010-04-01/Accounts/{sid}/Messages.json`.

By the status alone: Twilio advises against deciding by its error codes, which it keeps dividing
(https://www.twilio.com/en-us/changelog, 10 July 2024). A 400 is about this very message: it stays wrong.
"""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from app.integrations.sms.http import post_form
from app.integrations.sms.text import NumberRefused, SmsFailed, TextMessage

if TYPE_CHECKING:
    from config import Sms

API: Final = "https://api.twilio.com"
MESSAGING_SERVICE: Final = "MG"
"""How the name of a pool of numbers begins, which may stand for a number."""


class Twilio:
    """An account with Twilio."""

    def __init__(self, settings: Sms) -> None:
        """Take the account's id, its token, and the sender: a number, a name, or a messaging service."""
        self._settings = settings
        self._url = f"{settings.api_base or API}/2010-04-01/Accounts/{settings.account}/Messages.json"
        token = base64.b64encode(f"{settings.account}:{settings.secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}

    def send(self, message: TextMessage) -> None:
        """Hand a text over. Raises `NumberRefused` and `SmsFailed`."""
        sender = self._settings.sender or ""
        name = "MessagingServiceSid" if sender.startswith(MESSAGING_SERVICE) else "From"
        form = {"To": message.to, name: sender, "Body": message.text}
        answer = post_form(self._url, form, self._headers, seconds=self._settings.timeout_seconds)
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise NumberRefused(f"twilio {answer.json.get('code', '')}".rstrip())
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise SmsFailed(f"twilio {answer.status}")
