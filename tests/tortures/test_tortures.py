"""Nothing announced is lost, nothing undone is announced: whoever is killed, whatever fails, wherever it runs."""

import os
import tempfile
from collections.abc import Iterator
from typing import IO, Any

import pytest

from tests.conftest import make_application
from tests.integrations.mail.servers import HOST, receiving
from tests.redis_server import Redis, running_redis
from tests.settings import process_environment
from tests.tortures.mail_server import Unreliable
from tests.tortures.torture import Figures, torture, without_connections
from tests.tortures.workers import embedded, on_celery

EVENTS = int(os.environ.get("TORTURE_EVENTS", "30"))
IS_LONG = "TORTURE_EVENTS" in os.environ
MOODS: dict[str, Any] = {"patience": 6, "busy": True} if IS_LONG else {"patience": 2}
"""Of the mail server."""

KILL_SECONDS = 1.0 if IS_LONG else 5.0
"""A worker takes a second or two to begin: the short run is not to spend its time on that."""


@pytest.fixture
def log() -> Iterator[IO[str]]:
    """What the workers say; shown where the test fails."""
    with tempfile.TemporaryFile("w+", prefix="parlour-torture-") as file:
        yield file
        file.seek(0)
        print(file.read()[-4000:])


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A Redis that forgets everything when it is started again."""
    with running_redis() as server:
        yield server


def mailing(port: int) -> dict[str, str]:
    """Return the settings of mail by the server at a port."""
    return {"MAIL_SERVER": HOST, "MAIL_PORT": str(port), "MAIL_USE_TLS": "false"}


def check(figures: Figures, where: str) -> None:
    """Hold the figures against the promises."""
    print(f"\n{where}: {figures}")
    assert (figures.mails, figures.lost, figures.unlawful, figures.two_names) == (EVENTS, 0, 0, 0)
    assert figures.dead == 0
    assert figures.duplicates <= figures.kills


@pytest.mark.race
def test_embedded(database_url: str, dialect: str, log: IO[str]) -> None:
    """Two `flask worker`, of which one is killed now and then."""
    with (
        receiving(Unreliable(**MOODS)) as (inbox, port),
        without_connections(make_application(database_url)) as app,
    ):
        assert isinstance(inbox, Unreliable)
        with embedded(process_environment(database_url, **mailing(port)), log) as workers:
            check(torture(app, inbox, workers, EVENTS, KILL_SECONDS), f"embedded on {dialect}")


@pytest.mark.race
@pytest.mark.databases("postgresql")  # Celery is for several machines, as SQLite is not
def test_celery(database_url: str, log: IO[str], redis: Redis) -> None:
    """Two Celery workers, of which some process is killed now and then, on a Redis that is restarted."""
    celery = {"CELERY_ENABLED": "true", "REDIS_URL": redis.url}
    application = make_application(database_url, **celery)
    with receiving(Unreliable(**MOODS)) as (inbox, port), without_connections(application) as app:
        assert isinstance(inbox, Unreliable)
        with on_celery(process_environment(database_url, **mailing(port), **celery), log, redis) as workers:
            check(torture(app, inbox, workers, EVENTS, KILL_SECONDS), "Celery on postgresql")
