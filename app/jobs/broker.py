"""Celery, as it is set up here: Redis carries ids of tasks, and may forget them."""

from typing import Final

from celery import Celery
from flask import Flask

from app.jobs import dispatch
from app.jobs.dispatch import Dispatcher
from config import Settings

LONGEST_TASK_SECONDS: Final = 1800
"""A task that takes longer is ended with its process; the lease of its row ends as well, and it comes back."""

VISIBILITY_SECONDS: Final = 2 * LONGEST_TASK_SECONDS
"""After how long Redis hands out again what a killed worker had taken and not begun. The sweep is sooner by far."""

SWEEP: Final = "jobs.sweep"
SWEEP_SECONDS: Final = 1.0

PATIENCE: Final = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "unacked_restore_interval": 10,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "health_check_interval": 10,
}


def install(app: Flask) -> None:
    """Let the tasks that `app` writes be offered to Celery as soon as they are committed."""
    settings: Settings = app.extensions["settings"]
    app.extensions[dispatch.EXTENSION] = Dispatcher(celery_on(settings.limits.redis_url))


def celery_on(redis_url: str | None) -> Celery:
    """Return Celery on a Redis, without results: what became of a task stands in its row."""
    celery = Celery("parlour", broker=redis_url, set_as_current=False)
    celery.conf.update(
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_transport_options=PATIENCE,
        # A message is only a hint: what a killed process had comes back by its lease.
        task_acks_late=False,
        task_ignore_result=True,
        task_time_limit=LONGEST_TASK_SECONDS,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        # When what is due is in a table: a file of beat's own would only be one more thing to lose.
        beat_scheduler="celery.beat:Scheduler",
        beat_schedule={SWEEP: {"task": SWEEP, "schedule": SWEEP_SECONDS, "options": {"expires": 5 * SWEEP_SECONDS}}},
        beat_max_loop_interval=SWEEP_SECONDS,
    )
    return celery
