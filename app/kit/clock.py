"""The one place that reads the time, so that a test can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


class _Clock:
    """Holds the instant a test has set; empty in normal running."""

    frozen_at: datetime | None = None


def utcnow() -> datetime:
    """Return the present instant, timezone-aware in UTC."""
    return _Clock.frozen_at or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Make `utcnow` answer `at` (timezone-aware) inside the block, in every thread of this process."""
    before, _Clock.frozen_at = _Clock.frozen_at, at.astimezone(UTC)
    try:
        yield
    finally:
        _Clock.frozen_at = before
