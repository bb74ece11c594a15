"""Moving windows in this process' memory: exact counts, forgotten as soon as they are over."""

from collections import deque
from dataclasses import dataclass, field
from threading import Lock

from limits.storage import MemoryStorage

from app.kit.clock import utcnow

SWEEP_SECONDS = 60


@dataclass(slots=True)
class _Window:
    """The instants (Unix time) of what was counted in the last `seconds`, oldest first."""

    seconds: int
    instants: deque[float] = field(default_factory=deque)

    def forget(self, now: float) -> None:
        while self.instants and self.instants[0] <= now - self.seconds:
            self.instants.popleft()


class Windows(MemoryStorage):
    """What the strategy `moving-window` counts in.

    The library's own storage keeps an entry for every caller it has ever seen, and walks through all of them a
    hundred times a second: 5 ms a request after 100,000 callers. Ours serves that strategy alone, as all limits of the
    house move: what others would ask of it (`incr`, `get`, the sliding ones) is the library's still, and knows nothing
    of what is counted here.
    """

    STORAGE_SCHEME = ["process"]  # noqa: RUF012  # the library's name; makes `process://` mean this class

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        """Take what the library hands over; begin with nothing."""
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = Lock()
        self._windows: dict[str, _Window] = {}
        self._swept_at = 0.0

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` more in the last `expiry` seconds of `key`, unless that would make more than `limit`."""
        now = utcnow().timestamp()
        with self._lock:
            self._sweep(now)
            window = self._windows.setdefault(key, _Window(expiry))
            window.forget(now)
            if len(window.instants) + amount > limit:
                return False
            window.instants.extend([now] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the oldest entry still counted was made (now, where there is none), and how many are counted."""
        now = utcnow().timestamp()
        with self._lock:
            window = self._windows.get(key)
            if window is not None:
                window.forget(now)
            if window is None or not window.instants:
                return now, 0
            return window.instants[0], len(window.instants)

    def clear(self, key: str) -> None:
        """Forget what was counted for `key`."""
        with self._lock:
            self._windows.pop(key, None)

    def reset(self) -> int:
        """Forget everything; return how many keys there were."""
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
            return count

    def _sweep(self, now: float) -> None:
        """Now and then drop what is over, so that the memory holds the callers of these minutes only."""
        if abs(now - self._swept_at) < SWEEP_SECONDS:
            return
        self._swept_at = now
        for key, window in list(self._windows.items()):
            window.forget(now)
            if not window.instants:
                del self._windows[key]
