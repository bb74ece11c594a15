"""Turns at heavy work: a few at once, a few more may wait, and whoever comes then is sent away at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.kit.errors import Unavailable


class Turns:
    """Lets `at_once` threads of this process do something, and `waiting` more wait for it; others get `busy`."""

    def __init__(self, *, at_once: int, waiting: int, busy: type[Unavailable]) -> None:
        """Begin with nobody at work."""
        self.places = threading.BoundedSemaphore(at_once + waiting)
        self._turns = threading.BoundedSemaphore(at_once)
        self._busy = busy

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn, and have it inside the block. Raises `busy` where all places are taken."""
        if not self.places.acquire(blocking=False):
            raise self._busy
        try:
            with self._turns:
                yield
        finally:
            self.places.release()
