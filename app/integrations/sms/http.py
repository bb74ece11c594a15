"""How providers are spoken to: one form by HTTPS, a time limit, an answer of bounded size, no redirects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import urllib3

from app.integrations.sms.text import SmsFailed

LARGEST_ANSWER: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said: its status, and its JSON object, empty where it sent none."""

    status: int
    json: dict[str, Any]


def post_form(url: str, fields: Mapping[str, str], headers: Mapping[str, str], *, seconds: float) -> Answer:
    """POST a form and return the answer. Raises `SmsFailed` where there is none in time; nothing is sent twice.

    `seconds` bound the connecting, and each silence after it.
    """
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **headers}
    with urllib3.PoolManager(timeout=urllib3.Timeout(seconds), retries=False) as pool:
        try:
            answer = pool.request(
                "POST", url, body=urlencode(fields), headers=form, redirect=False, preload_content=False
            )
            body = answer.read(LARGEST_ANSWER)
        except urllib3.exceptions.HTTPError as error:
            raise SmsFailed(type(error).__name__) from None  # its text quotes the URL, and so the account
    return Answer(answer.status, _object(body))


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
