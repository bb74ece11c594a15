"""Whether the counts that services, staff members and spaces carry are those of their reviews."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.extensions import db
from app.kit.rating import STARS
from app.models import Booking, BookingStatus, Resource, Review, ReviewStatus, ReviewSubject, Service


def find_wrong_counts() -> Iterator[str]:
    """Yield a line for each thing whose counts are not those of its published reviews."""
    for rated, told in ((Service, "service"), (Resource, "resource")):
        for thing_id, *counts in db.session.execute(_wrong_counts(rated)):
            kept, counted = counts[: len(STARS)], counts[len(STARS) :]
            yield f"{told} {thing_id} carries {kept} reviews of 1 to 5 stars; there are {counted}"


def find_strangers() -> Iterator[str]:
    """Yield a line for each review of a booking that is not completed, or not its author's."""
    is_wrong = or_(Booking.status != BookingStatus.COMPLETED, Booking.client_id != Review.author_id)
    found = select(Review.id, Review.booking_id).join(Booking, Booking.id == Review.booking_id).where(is_wrong)
    for review_id, booking_id in db.session.execute(found.order_by(Review.id)):
        yield f"review {review_id} is of booking {booking_id}, which its author has not had"


def _wrong_counts(rated: type[Service] | type[Resource]) -> Select[*tuple[Any, ...]]:
    """Select (id, the five counts carried, the five counted) where they differ: one statement, one moment."""
    subject_id = ReviewSubject.service_id if rated is Service else ReviewSubject.resource_id
    each = [func.count().filter(Review.rating == stars).label(f"stars_{stars}") for stars in STARS]
    counted = (
        select(subject_id.label("subject_id"), *each)
        .join(Review, Review.id == ReviewSubject.review_id)
        .where(Review.status == ReviewStatus.PUBLISHED, subject_id.is_not(None))
        .group_by(subject_id)
        .subquery()
    )
    kept = [getattr(rated, f"rating_{stars}") for stars in STARS]
    there = [func.coalesce(counted.c[f"stars_{stars}"], 0) for stars in STARS]
    differs = or_(*(one != other for one, other in zip(kept, there, strict=True)))
    return (
        select(rated.id, *kept, *there)
        .outerjoin(counted, counted.c.subject_id == rated.id)
        .where(differs)
        .order_by(rated.id)
    )
