"""What tests of reviews share: asking, and seeing what a refusal must leave as it was."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Resource, Review, ReviewSubject, Service, Testimonial, User
from app.reviews.recount import find_strangers, find_wrong_counts, find_wrong_subjects
from tests.api import Api
from tests.factories import token_for

NOW = datetime(2030, 1, 7, 12, tzinfo=UTC)
REVIEWS = "/api/reviews"
WRITTEN = (AuditEntry, Resource, Review, ReviewSubject, Service, Testimonial)


def say(api: Api, who: User, booking_id: int, rating: Any = 5, **more: Any) -> Any:
    """POST a review."""
    return api.post(REVIEWS, {"booking_id": booking_id, "rating": rating} | more, token=token_for(who))


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that the room writes, by table."""
    found = {
        model.__tablename__: sorted(map(tuple, db.session.execute(select(model.__table__))), key=repr)
        for model in WRITTEN
    }
    db.session.rollback()
    return found


def wrong_counts() -> list[str]:
    """Return what a recount finds wrong."""
    found = [*find_wrong_counts(), *find_wrong_subjects(), *find_strangers()]
    db.session.rollback()
    return found


def counts(thing: Service | Resource) -> tuple[int, ...]:
    """Return the counts that a thing carries, of 1 to 5 stars."""
    db.session.rollback()
    db.session.refresh(thing)
    found = thing.rating.given
    db.session.rollback()
    return found
