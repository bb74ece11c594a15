"""Safaricom's Daraja: an access token, kept until shortly before it ends, and JSON messages under it.

As documented at https://developer.safaricom.co.ke/apis. Nothing is sent twice, but for what was refused for its token.
"""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import structlog
import urllib3

from app.integrations.payments.places import waiting_place
from app.integrations.payments.provider import ProviderDown
from app.kit.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.settings.payments import MpesaAccount

TOKEN_PATH: Final = "/oauth/v1/generate?grant_type=client_credentials"  # noqa: S105  # a path
SECONDS: Final = 15.0
"""For connecting, and for each silence after it."""

EARLY: Final = timedelta(minutes=2)
"""A token is renewed so long before it ends: what is on its way then still arrives with a good one."""

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST_ANSWER: Final = 64 * 1024
BUSY_SECONDS: Final = 60
BUSY: Final = "500.003."
"""How the codes begin of a system that is busy, and of more calls than are allowed."""

UNCONNECTED: Final = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
BUSY_STATUSES: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
BAD_TOKEN: Final = frozenset({"404.001.03", "404.001.04", "400.003.01"})

log = structlog.get_logger(__name__)


class Refused(Exception):
    """Daraja read a message and declined it: by a code of its own, such as `400.002.02`, and words about our side."""

    def __init__(self, code: str, words: str) -> None:
        """Keep both; the words quote nobody."""
        super().__init__(code)
        self.code, self.words = code, words


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    json: dict[str, Any]

    @property
    def error(self) -> str:
        """Its error code; empty where it has none."""
        return str(self.json.get("errorCode") or "")

    @property
    def is_about_token(self) -> bool:
        return self.status == HTTPStatus.UNAUTHORIZED or self.error in BAD_TOKEN

    @property
    def is_about_load(self) -> bool:
        return self.status in BUSY_STATUSES or self.error.startswith(BUSY)


class Daraja:
    """An application registered with Daraja; threads may share it."""

    def __init__(self, account: MpesaAccount, seconds: float = SECONDS) -> None:
        """Take the account, and how long to wait for a connection and for each silence."""
        self._account, self._seconds = account, seconds
        self._lock = threading.Lock()
        self._token, self._token_ends = "", LONG_AGO

    def post(self, path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Send a message and return what is said to it. Raises `Refused`, and `ProviderDown` where nothing is known."""
        with waiting_place():
            token = self._good_token()
            answer = self._send(path, fields, token)
            if answer.is_about_token:
                self._forget(token)
                answer = self._send(path, fields, self._good_token())
        return _understood(answer)

    def _good_token(self) -> str:
        """Return a token that has a while to live: one thread fetches it, and the others wait for that."""
        with self._lock:
            if utcnow() >= self._token_ends - EARLY:
                try:
                    self._token, self._token_ends = self._new_token()
                except ProviderDown as down:
                    raise ProviderDown(str(down), down.retry_after, nothing_sent=True) from None
            return self._token

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token_ends = LONG_AGO

    def _new_token(self) -> tuple[str, datetime]:
        """Ask for a token: the token, and when it ends by our clock."""
        asked_at = utcnow()
        pair = f"{self._account.consumer_key}:{self._account.consumer_secret}".encode()
        answer = self._request("GET", TOKEN_PATH, {"Authorization": f"Basic {base64.b64encode(pair).decode()}"})
        if answer.is_about_load:
            raise ProviderDown("daraja is busy", BUSY_SECONDS)
        token, seconds = answer.json.get("access_token"), str(answer.json.get("expires_in", ""))
        if answer.status != HTTPStatus.OK or not isinstance(token, str) or not seconds.isdecimal():
            log.error("mpesa_gives_no_token", status=answer.status, code=answer.error)
            raise ProviderDown(f"daraja gives no token: {answer.status}")
        return token, asked_at + timedelta(seconds=min(int(seconds), 86_400))

    def _send(self, path: str, fields: Mapping[str, Any], token: str) -> _Answer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self._request("POST", path, headers, json.dumps(fields).encode())

    def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> _Answer:
        url = f"{self._account.api_base}{path}"
        with urllib3.PoolManager(timeout=urllib3.Timeout(self._seconds), retries=False) as pool:
            try:
                answer = pool.request(method, url, body=body, headers=headers, redirect=False, preload_content=False)
                said = answer.read(LARGEST_ANSWER)
            except urllib3.exceptions.HTTPError as error:
                raise ProviderDown(
                    f"daraja {type(error).__name__}", nothing_sent=isinstance(error, UNCONNECTED)
                ) from None
        return _Answer(answer.status, _object(said))


def _understood(answer: _Answer) -> dict[str, Any]:
    """Return what was said where the message was taken."""
    if answer.is_about_token:
        log.error("mpesa_refuses_its_own_token", status=answer.status, code=answer.error)
        raise ProviderDown("daraja refuses its own token", nothing_sent=True)
    if answer.is_about_load:
        raise ProviderDown("daraja is busy", BUSY_SECONDS)
    if answer.error:
        raise Refused(answer.error, str(answer.json.get("errorMessage", "")))
    if answer.status != HTTPStatus.OK or not answer.json:
        raise ProviderDown(f"daraja {answer.status}")
    return answer.json


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
