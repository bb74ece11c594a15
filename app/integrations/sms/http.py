"""How providers are spoken to: one form by HTTPS, so much time in all, an answer of bounded size, no redirects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urlencode

from app.integrations.sms.text import SmsFailed
from app.integrations.targets import Target
from app.integrations.wire import Blocked, Deadline, TooMuch, connect, posted

LARGEST_ANSWER: Final = 32 * 1024

FAILURES: Final = (Blocked, TooMuch, HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said: its status, and its JSON object, empty where it sent none."""

    status: int
    json: dict[str, Any]


def post_form(url: str, fields: Mapping[str, str], headers: Mapping[str, str], *, seconds: float) -> Answer:
    """POST a form and return the answer. Raises `SmsFailed` where there is none in time; nothing is sent twice.

    `seconds` are for all of it, however little the other side is silent. Of an answer that breaks off, its status
    counts: by that, the text may have been taken.
    """
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **headers}
    try:
        target = Target.read(url)
        with closing(connect(target, Deadline(seconds), allow_private=True)) as wire:
            answer = posted(wire, target, urlencode(fields).encode(), form)
            return Answer(answer.status, _object(_body(answer)))
    except FAILURES as error:
        raise SmsFailed(type(error).__name__) from None  # its text may quote the URL, and so the account


def _body(answer: HTTPResponse) -> bytes:
    try:
        return answer.read(LARGEST_ANSWER)
    except FAILURES:
        return b""


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
