"""What becomes of what is left when its time is over: nothing, and the ledger says so."""

from datetime import datetime, timedelta
from typing import Final

from app.extensions import db
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.models import PrepaidStep
from app.prepaid import queries
from app.prepaid.ledger import CARDS, PACKAGES, Because

GRACE: Final = timedelta(days=30)
"""What is given back may be used for so long at least, also where it would have expired."""

EXPIRE_PREPAID = "prepaid.expire"
"""The outbox topic under which the end of something paid ahead waits. Whatever is overdue then is emptied."""


def schedule_expiry(expires_at: datetime) -> None:
    """Leave a task for the moment at which something expires."""
    enqueue(EXPIRE_PREPAID, {}, due_at=expires_at)


def expire_overdue() -> None:
    """Write down as expired what is left of everything whose time is over. Readers see it so already."""
    now = utcnow()
    cards = db.session.scalars(queries.overdue(CARDS.things, now)).all()
    CARDS.empty(PrepaidStep.EXPIRE, cards, Because())
    packages = db.session.scalars(queries.overdue(PACKAGES.things, now)).all()
    PACKAGES.empty(PrepaidStep.EXPIRE, packages, Because())
