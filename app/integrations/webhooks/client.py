"""One POST to somebody else's server: no redirect is followed, no proxy asked, no answer kept but its status."""

import ssl
import time
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from socket import gaierror
from typing import Final

from app.integrations.targets import Target
from app.integrations.wire import Blocked, Deadline, TooMuch, connect, posted

TOTAL_SECONDS: Final = 5.0
"""How long a call may take in all: looking up, connecting, sending, and the head of the answer."""

USER_AGENT: Final = "Parlour-Webhooks/1"

FAILURES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (Blocked, "The address is not public."),
    (TooMuch, "The answer has no end."),
    (TimeoutError, f"No answer within {TOTAL_SECONDS:g} seconds."),
    (gaierror, "The name is not known."),
    (ssl.SSLCertVerificationError, "The certificate is not valid for this name."),
    (ssl.SSLError, "No secure connection."),
    (HTTPException, "No answer in HTTP."),
    (OSError, "No connection."),
)
"""What is said of a call that failed, the first that fits: in our words, never in those of the other side."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: the answer's status, or `error` says why there is none."""

    status: int | None
    error: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the receiver has it: any 2xx."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def gone(self) -> bool:
        """Whether the receiver wants to be sent nothing any more (410)."""
        return self.status == HTTPStatus.GONE


def post(url: str, body: bytes, headers: dict[str, str], *, allow_private: bool) -> Outcome:
    """Send a JSON body; return what came of it. Only the head of the answer is read."""
    began = time.monotonic()
    try:
        status, error = _status_of(Target.read(url), body, headers, allow_private=allow_private), ""
    except (Blocked, TooMuch, HTTPException, OSError, ValueError) as failure:
        status, error = None, _said_of(failure)
    return Outcome(status, error, time.monotonic() - began)


def _status_of(target: Target, body: bytes, headers: dict[str, str], *, allow_private: bool) -> int:
    with closing(connect(target, Deadline(TOTAL_SECONDS), allow_private=allow_private)) as wire:
        sent = {"User-Agent": USER_AGENT, "Content-Type": "application/json", **headers}
        with closing(posted(wire, target, body, sent)) as response:
            return response.status


def _said_of(failure: Exception) -> str:
    return next((said for kind, said in FAILURES if isinstance(failure, kind)), "The address cannot be called.")
