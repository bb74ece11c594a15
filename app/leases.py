"""A lease: for how long a process may answer from what it has read, without asking the database whether it still holds.

Whoever changes what others may have leased tells nobody of it until all these leases have run out: see decision 23.
"""

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic, sleep
from typing import Final, NamedTuple

import psycopg2
import structlog
from sqlalchemy.exc import SQLAlchemyError

State = Hashable
"""What tells one state of some tables from every other."""

RENEWED_AFTER: Final = 0.7
"""The part of a lease after which one of those who use it asks anew, while the others go on: nobody stands in line."""

MARGIN_SECONDS: Final = 0.005
"""What a change waits longer than a lease lasts: the clocks of two hosts do not tick quite alike."""

log = structlog.get_logger(__name__)


class _Known(NamedTuple):
    """A state, None where it could not be asked, and the moment (monotonic) before it was."""

    state: State | None
    asked_at: float


_NOTHING: Final = _Known(None, float("-inf"))


class Lease:
    """What this process knows of a state, and until when it may go by that. For many threads."""

    def __init__(self, ask: Callable[[], State], seconds: float) -> None:
        """Begin with nothing known; `ask` asks the database, and a lease holds for `seconds` from before that."""
        self._ask = ask
        self._seconds = seconds
        self._known = _NOTHING
        self._asking = Lock()

    def state(self) -> State | None:
        """Return the state, which was asked within the last lease; None where it could not be, or others are at it.

        What was read since this was called first is as new as the state, or newer: it may be shown for as long as this
        returns the same. Of None, ask the database as if there were no leases.
        """
        known = self._known
        if monotonic() - known.asked_at < self._seconds * RENEWED_AFTER:
            return known.state
        if self._asking.acquire(blocking=False):
            try:
                self._renew()
            finally:
                self._asking.release()
        known = self._known
        return known.state if monotonic() - known.asked_at < self._seconds else None

    def forget(self) -> None:
        """Let the next who wants to know the state ask for it."""
        self._known = _NOTHING

    def outlast(self) -> None:
        """Wait until no process goes any more by what it knew when this was called."""
        self.forget()
        sleep(self._seconds + MARGIN_SECONDS)

    def _renew(self) -> None:
        asked_at = monotonic()
        try:
            self._known = _Known(self._ask(), asked_at)
        except (SQLAlchemyError, psycopg2.Error) as error:
            log.warning("lease_not_renewed", error=type(error).__name__)
            self._known = _Known(None, monotonic())  # who asks next need not find out at once, too
