"""How many threads of a process may wait for providers at once: the others serve, however long a provider is silent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from app.integrations.payments.provider import ProviderDown
from config import WEB_THREADS

PLACES: Final = WEB_THREADS // 2
SECONDS: Final = 1.0
"""So long one waits for a place: a provider that is well has answered somebody by then."""

_places = threading.BoundedSemaphore(PLACES)


@contextmanager
def waiting_place() -> Iterator[None]:
    """Hold a place inside the block, in which a provider is spoken to. Raises `ProviderDown` where all are taken."""
    if not _places.acquire(timeout=SECONDS):
        raise ProviderDown("too many wait for providers", nothing_sent=True)
    try:
        yield
    finally:
        _places.release()
