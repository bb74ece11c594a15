"""The worker on Redis, which knows what happens in the tortures: `celery -A tests.tortures.celery_worker worker -B`."""

from app.jobs.celery_app import celery
from tests.tortures import happenings

__all__ = ["celery"]

happenings.connect()
