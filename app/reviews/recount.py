"""Whether reviews are about what was booked, and the counts that services, staff and spaces carry are theirs."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Select, cast, except_, func, null, or_, select, union_all

from app.extensions import db
from app.kit.rating import STARS
from app.models import Booking, BookingItem, BookingStatus, Resource, Review, ReviewStatus, ReviewSubject, Service


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


def find_wrong_subjects() -> Iterator[str]:
    """Yield a line for each thing that was booked and that the review is not about, and the other way round."""
    for sets, told in (((_booked, _said), "is not about"), ((_said, _booked), "is about what was not booked:")):
        wrong, right = sets
        found = except_(wrong(), right())
        review, service, resource = found.selected_columns
        found = found.order_by(review, service.nulls_last(), resource)
        for review_id, service_id, resource_id in db.session.execute(found):
            thing = f"resource {resource_id}" if service_id is None else f"service {service_id}"
            yield f"review {review_id} {told} {thing}"


def _said() -> Select[*tuple[Any, ...]]:
    """Select (review, service, resource) of all subjects."""
    return select(ReviewSubject.review_id, ReviewSubject.service_id, ReviewSubject.resource_id)


def _booked() -> Select[*tuple[Any, ...]]:
    """Select the same of what was booked."""
    nothing = cast(null(), BigInteger)
    items = select(Review.id.label("review_id")).join(BookingItem, BookingItem.booking_id == Review.booking_id)
    let = select(Review.id, nothing, Booking.space_id).join(Booking, Booking.id == Review.booking_id)
    each = union_all(
        items.add_columns(BookingItem.service_id.label("service_id"), nothing.label("resource_id")).where(
            BookingItem.service_id.is_not(None)
        ),
        items.add_columns(nothing, BookingItem.staff_id).where(BookingItem.staff_id.is_not(None)),
        let.where(Booking.space_id.is_not(None)),
    ).subquery()
    return select(each.c.review_id, each.c.service_id, each.c.resource_id)


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
