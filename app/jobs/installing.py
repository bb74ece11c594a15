"""Getting ready for work: what `create_app` calls before any room registers its tasks."""

from flask import Flask

from app.jobs import cleaning, clocks, events, schedule
from app.settings.jobs import Jobs


def install(app: Flask) -> None:
    """Forget the registrations of an application before, tell events, keep the schedule; offer to Celery if wanted."""
    events.connect()
    schedule.connect()
    cleaning.connect()
    clocks.connect()
    jobs: Jobs = app.extensions["settings"].jobs
    if jobs.celery:
        from app.jobs import broker  # noqa: PLC0415  # Celery is loaded where it is used

        broker.install(app)
