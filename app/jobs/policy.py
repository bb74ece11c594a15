"""How long a task is tried, how often, and beside how many others."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

FIRST_RETRY: Final = timedelta(seconds=2)
LONGEST_WAIT: Final = timedelta(hours=1)

LEAST_SHARE: Final = 0.75
"""Of a pause, at least so much is waited: tasks that failed together do not all come back together."""


def _longest(failures: int, longest: timedelta) -> timedelta:
    """Return the pause after a number of failures, at its longest: each is twice the one before."""
    return min(FIRST_RETRY * (1 << min(failures - 1, 20)), longest)


def attempts_within(period: timedelta, longest: timedelta = LONGEST_WAIT) -> int:
    """Return how many attempts it takes to go on for `period`, however short the pauses turn out."""
    attempts, lasted = 1, timedelta()
    while lasted < period:
        lasted += _longest(attempts, longest) * LEAST_SHARE
        attempts += 1
    return attempts


@dataclass(frozen=True, slots=True)
class Policy:
    """How the tasks of a topic are tried.

    After `attempts` failures a task is dead, and so it is where as many workers have died over it. `at_once` limits
    how many are in hand at a time, over all workers, so that slow ones do not take every worker. Topics of one `lane`,
    such as all that go to one mail server, share that limit, and give the same; without one a topic has its own. Where
    it is `ordered`, a task waits while an earlier one of its subject is waiting; else, while another one is in hand.
    """

    attempts: int = attempts_within(timedelta(days=1))
    longest_wait: timedelta = LONGEST_WAIT
    at_once: int | None = None
    ordered: bool = True
    lane: str | None = None

    def wait_after(self, failures: int) -> timedelta:
        """Return for how long a task waits that has failed so often."""
        share = random.uniform(LEAST_SHARE, 1)  # nosec B311  # noqa: S311  # nobody gains by guessing it
        return _longest(failures, self.longest_wait) * share


USUAL: Final = Policy()
"""For a day: mail servers are down for a night."""


def trying_for(
    period: timedelta, *, at_once: int | None = None, ordered: bool = True, lane: str | None = None
) -> Policy:
    """Return the policy of tasks that are tried for at least `period`."""
    return Policy(attempts_within(period), at_once=at_once, ordered=ordered, lane=lane)
