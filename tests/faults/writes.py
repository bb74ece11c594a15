"""Writes that are asked for over HTTP, and what their writer knows of each."""

import json
import threading
from dataclasses import dataclass, field
from enum import Enum
from http.client import HTTPConnection, HTTPException
from typing import Any

HOST = "127.0.0.1"
ANSWER_SECONDS = 60
SHOWN = 5


class Known(Enum):
    """What the writer knows."""

    WRITTEN = "acknowledged"
    REFUSED = "refused"
    NOTHING = "unknown"


@dataclass
class Write:
    """One booking, order or payment, under a key of its own; `mark` is what its row in the database is known by."""

    kind: str
    path: str
    body: dict[str, Any]
    key: str
    mark: str
    known: Known = Known.NOTHING
    answer: Any = None
    was_unknown: bool = False
    """Whether somebody who asked once would not have known."""

    was_there: bool = False
    """Whether it was there when it was repeated."""


@dataclass
class Breaches:
    """Answers that may never be given, whatever happens; counted, the first ones told."""

    number: int = 0
    told: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, status: int, headers: dict[str, str], answer: Any) -> None:
        """Count an answer that is one: among server errors, only 503 with `Retry-After` is none."""
        if status >= 500 and (status != 503 or "Retry-After" not in headers):
            with self._lock:
                self.number += 1
                self.told = [*self.told, f"{status} {answer}"][:SHOWN]


def ask(port: int, token: str, write: Write, breaches: Breaches) -> None:
    """Ask for a write, and note what is known of it then."""
    try:
        status, headers, answer = _post(port, token, write)
    except (OSError, HTTPException):
        write.was_unknown = True
        return
    write.answer = answer
    write.known = _verdict(status, answer)
    write.was_unknown |= write.known is Known.NOTHING
    write.was_there = headers.get("Idempotent-Replayed") == "true"
    breaches.look(status, headers, answer)


def _verdict(status: int, answer: Any) -> Known:
    """Say what an answer tells. A 503 tells nothing: the connection was lost, on COMMIT perhaps."""
    if status == 201:
        return Known.WRITTEN
    if status >= 500 or answer.get("code") == "request_in_progress":
        return Known.NOTHING
    return Known.REFUSED


def _post(port: int, token: str, write: Write) -> tuple[int, dict[str, str], Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": write.key}
    connection = HTTPConnection(HOST, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("POST", write.path, json.dumps(write.body), headers | {"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), json.loads(answer.read())
    finally:
        connection.close()
