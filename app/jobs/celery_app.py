"""The worker on Redis: `celery -A app.jobs.celery_app worker -B`. It does what `flask worker` does, from the same rows.

A message is the id of a task. Whoever gets it claims the row, and where that is done, taken, or not its turn yet, the
message is dropped. Beat has the outbox swept every second, so that a lost message costs a moment.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from celery import signals
from flask import Flask
from kombu.transport.redis import Transport
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from app import create_app
from app.database import end_session, require_migrated
from app.extensions import db
from app.jobs import broker
from app.jobs.carrying import carry_out
from app.jobs.claims import claim, due_ids
from app.jobs.dispatch import CARRY_OUT
from app.jobs.schedule import enqueue_due
from config import SettingsError, settings_or_exit

MOST_QUEUED = 500
"""Messages that may wait in Redis; with that many, sweeping adds none."""

# Closing or acknowledging on a connection that broke at a bad moment, kombu raises this as well: the worker would end.
Transport.connection_errors = (*Transport.connection_errors, AttributeError)

log = structlog.get_logger(__name__)


def _application() -> Flask:
    settings = settings_or_exit()
    if not settings.jobs.celery:
        sys.exit("Settings: CELERY_ENABLED must be true for this worker; without it, run 'flask --app run worker'.")
    try:
        return create_app(settings)
    except SettingsError as error:
        sys.exit(f"Settings: {error}")


application = _application()
celery = broker.celery_on(application.extensions["settings"].limits.redis_url)


@celery.task(name=CARRY_OUT)  # type: ignore[untyped-decorator]  # Celery has no types
def carry_out_one(event_id: int) -> None:
    """Carry out a task, if it can be claimed."""
    with _at_work():
        held = claim(event_id)
        if held is not None:
            log.info("task", event_id=event_id, ok=carry_out(held))


@celery.task(name=broker.SWEEP)  # type: ignore[untyped-decorator]  # the same
def sweep() -> None:
    """Put in line what is due again, and offer what is due and was not offered, or whose message was lost."""
    with _at_work():
        enqueue_due()
        for event_id in due_ids(max(0, MOST_QUEUED - queued())):
            carry_out_one.apply_async((event_id,), retry=False)


@contextmanager
def _at_work() -> Iterator[None]:
    """Have the application at hand. Where the database is away, a line says so, and the next sweep tries again."""
    with application.app_context():
        try:
            yield
        except (DBAPIError, NoConnection) as error:
            log.warning("database_unavailable", error=type(error).__name__)
        finally:
            end_session()


def queued() -> int:
    """Return how many messages wait in Redis; asked in its own words, as Celery knows of no queue that is empty."""
    with celery.connection_for_read() as connection:
        found: int = connection.default_channel.client.llen(celery.conf.task_default_queue)
    return found


@signals.worker_init.connect(weak=False)  # type: ignore[untyped-decorator]  # the same
def check(**_about: Any) -> None:
    """Refuse to work on a database that is not migrated; say what is probably not meant."""
    with application.app_context():
        require_migrated()
        for warning in application.extensions["settings"].warnings:
            log.warning("settings", said=warning)
        db.engine.dispose()


@signals.worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]  # the same
def forget_connections(**_about: Any) -> None:
    """Have a forked process make connections of its own."""
    with application.app_context():
        db.engine.dispose(close=False)
