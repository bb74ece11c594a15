"""How patient we are with an endpoint, and how much of a worker it may take. Pure."""

import random
from datetime import datetime, timedelta
from typing import Final

RETRIED_FOR: Final = timedelta(days=3)
"""How long an event is tried."""

TESTED_FOR: Final = timedelta(minutes=1)
"""How long a test is tried: somebody is waiting for it."""

FAILING_FOR: Final = timedelta(days=1)
"""After how long of nothing but failures an endpoint is disabled."""

FAILURES_IN_A_DAY: Final = 5
"""How many failures there have to be in that time: a few, far from each other, say little of what was between."""

KEPT_AFTER: Final = timedelta(days=27)
"""How long after its last possible attempt a delivery stays listed: thirty days in all."""

SECRETS_OVERLAP: Final = timedelta(days=1)
"""How long the secret of before signs beside a new one."""

FIRST_WAIT: Final = timedelta(seconds=4)
LONGEST_WAIT: Final = timedelta(hours=6)
LONGEST_PAUSE: Final = timedelta(minutes=10)

SLOW: Final = 0.25
"""Seconds from which on a call is slow."""

SHARE: Final = 5
"""An endpoint that is slow takes one part in so many of a worker's time, and rests for the others."""


def wait_after(attempts: int) -> timedelta:
    """Return after how long an event that failed so often is tried again: 4 s, 16 s, 64 s … 6 h, and up to a quarter
    more, so that what failed together does not come back together."""
    wait = min(FIRST_WAIT * 4.0 ** min(attempts - 1, 10), LONGEST_WAIT)
    return wait * random.uniform(1, 1.25)  # noqa: S311  # nosec B311  # nobody gains by guessing it


def rest_after(seconds: float, failures: int) -> timedelta:
    """Return for how long an endpoint is left alone after a call that took so long.

    `failures` is how many in a row there are now, with each of which the pause doubles: 4 s, 8 s … 10 min. One that
    answers fast and well is not left alone at all.
    """
    rest = timedelta(seconds=seconds * (SHARE - 1)) if seconds > SLOW else timedelta()
    if not failures:
        return rest
    return max(rest, min(FIRST_WAIT * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE))


def has_failed_too_long(failures: int, since: datetime | None, now: datetime) -> bool:
    """Say whether an endpoint is to be disabled after so many failures in a row, the first of them at `since`."""
    return since is not None and since <= now - FAILING_FOR and failures >= FAILURES_IN_A_DAY
