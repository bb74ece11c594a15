"""How work in the background is done."""

from dataclasses import dataclass

from marshmallow.validate import Range

from app.settings.environment import Environment, SettingsError


@dataclass(frozen=True, slots=True)
class Jobs:
    """How long a claimed task is its worker's, how many the embedded worker does at once, and who else may do them.

    `auto_complete_hours` after their end, confirmed bookings count as completed; None: somebody says so of each.
    """

    lease_seconds: int
    threads: int
    celery: bool
    auto_complete_hours: int | None

    @property
    def connections(self) -> int:
        """To how many the embedded worker has the database at once.

        One for each thread, one for each that renews its lease; a thread more for short tasks, and the schedule.
        """
        return 2 * (self.threads + 1) + 1


def read_jobs(env: Environment) -> Jobs:
    """Return the ways of WORKER_…, CELERY_ENABLED and AUTO_COMPLETE_HOURS."""
    celery = env.bool("CELERY_ENABLED", default=False)
    if celery and not env.is_set("REDIS_URL"):
        raise SettingsError("REDIS_URL is missing beside CELERY_ENABLED.")
    return Jobs(
        lease_seconds=env.int("WORKER_LEASE_SECONDS", 10, validate=Range(1, 600)),
        threads=env.int("WORKER_THREADS", 4, validate=Range(1, 32)),
        celery=celery,
        auto_complete_hours=env.int("AUTO_COMPLETE_HOURS", None, validate=Range(0, 8760)),
    )
