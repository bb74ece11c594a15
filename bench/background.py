"""`python -m bench.background`: how long from the commit to the mail server, while there is nothing else to do.

DATABASE_URL is a migrated, empty database. With CELERY_ENABLED and REDIS_URL the workers are Celery's, else one
`flask worker` is. An announcement takes two tasks: one that tells of it, one that mails.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from app import create_app
from app.transactions import transaction
from tests.integrations.mail.servers import HOST, receiving
from tests.redis_server import Redis
from tests.tortures.happenings import happen
from tests.tortures.mail_server import Unreliable
from tests.tortures.workers import embedded, on_celery

WARM_UP, MEASURED = 10, 200
REST_SECONDS = 0.3


def main() -> None:
    """Print one line."""
    with receiving(Unreliable(failing=0)) as (inbox, port):
        assert isinstance(inbox, Unreliable)  # noqa: S101  # narrows the type
        environment = os.environ | {"MAIL_SERVER": HOST, "MAIL_PORT": str(port), "MAIL_USE_TLS": "false"}
        app = create_app()
        with working(app, environment):
            times = sorted(measure(app, inbox))
    median, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    print(
        f"commit to SMTP at rest: median {1000 * median:.0f} ms, p99 {1000 * p99:.0f} ms, most {1000 * times[-1]:.0f}"
    )


@contextmanager
def working(app: Flask, environment: dict[str, str]) -> Iterator[None]:
    """Run a worker until the block ends."""
    with tempfile.TemporaryFile("w+") as log:
        if app.extensions["settings"].jobs.celery:
            with on_celery(environment, log, Redis(), number=1):
                yield
        else:
            with embedded(environment, log, number=1):
                yield


def measure(app: Flask, inbox: Unreliable) -> Iterator[float]:
    """Let things happen one by one; yield the seconds from each one's commit to its mail, the first ones left out."""
    with app.app_context():
        for number in range(WARM_UP + MEASURED):
            with transaction():
                happen(number)
            committed = time.perf_counter()
            arrived = wait_for(inbox, number)
            if number >= WARM_UP:
                yield arrived - committed
            time.sleep(REST_SECONDS + number % 7 / 25)  # at no fixed distance from a worker's looks


def wait_for(inbox: Unreliable, number: int) -> float:
    """Return when the mail of that number came."""
    give_up = time.perf_counter() + 60
    while len(inbox.arrivals) <= number:
        if time.perf_counter() > give_up:
            sys.exit("No mail came.")
        time.sleep(0.001)
    return inbox.arrivals[number][2]


if __name__ == "__main__":
    main()
