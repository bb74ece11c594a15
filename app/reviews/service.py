"""The verbs of reviews."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, insert

from app.audit.service import Thing, record
from app.bookings.service import get_booking
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Forbidden, NotFound
from app.kit.rating import STARS, Rating
from app.models import Booking, BookingStatus, Review, ReviewStatus, ReviewSubject, Role, User
from app.reviews import queries
from app.reviews.counters import Subjects
from app.reviews.errors import AlreadyReviewed, BookingNotCompleted, OwnWork, ReviewClosed, ReviewHidden
from app.reviews.permissions import may_change, may_reply, may_see
from app.reviews.queries import Filters
from app.security.actor import Actor
from app.transactions import locked, refusing
from app.users.service import lock_active

OPEN_FOR = timedelta(days=30)
"""How long its author may change a review."""


def list_reviews(actor: Actor | None, filters: Filters) -> Select[Review]:
    """Return the select of the reviews that the actor sees and that match."""
    return queries.reviews(actor, filters)


def summarise(filters: Filters) -> Rating:
    """Return what all published reviews of the things named amount to, whatever else the filters say.

    One thing carries its counts; of all reviews, and of two things together, they are counted.
    """
    kept = queries.kept_counts(filters)
    if kept is not None:
        row = db.session.execute(kept).one_or_none()
        return Rating() if row is None else Rating(tuple(row))
    found = dict(db.session.execute(queries.counts(filters)).all())
    return Rating(tuple(found.get(stars, 0) for stars in STARS))


def get_review(actor: Actor | None, review_id: int) -> Review:
    """Return a review that the actor sees. Raises `NotFound`."""
    found = queries.whole().where(Review.id == review_id, queries.visible_to(actor))
    review = db.session.scalars(found).one_or_none()
    if review is None:
        raise NotFound
    return review


def create_review(actor: Actor, fields: dict[str, Any]) -> Review:
    """Review a completed booking as its client.

    Raises `NotFound` naming the booking, `Forbidden`, `OwnWork`, `BookingNotCompleted`, `AlreadyReviewed`, and
    `TokenRevoked`.
    """
    author = lock_active(actor.id)
    booking = _own_booking(actor, fields["booking_id"])
    subjects = Subjects.of_booking(booking)
    if _concerns(actor, subjects):
        raise OwnWork
    if booking.current_status is not BookingStatus.COMPLETED:
        raise BookingNotCompleted
    subjects.lock()
    now = utcnow()
    review = Review(**fields, author=author, replier=None, created_at=now, updated_at=now)
    with refusing("unique", AlreadyReviewed):
        db.session.add(review)
    _write_subjects(review, subjects)
    subjects.recount(None, review.counted)
    return review


def change_review(actor: Actor, review_id: int, fields: dict[str, Any]) -> Review:
    """Change the fields given: its author for 30 days, an admin at any time.

    Raises `NotFound`, `Forbidden`, `ReviewClosed`, `TokenRevoked`.
    """
    lock_active(actor.id)
    review, subjects = _locked(actor, review_id)
    if not may_change(actor, review):
        raise Forbidden
    if actor.role is not Role.ADMIN and utcnow() > review.created_at + OPEN_FOR:
        raise ReviewClosed
    before, counted = {name: getattr(review, name) for name in fields}, review.counted
    for name, value in fields.items():
        setattr(review, name, value)
    if any(before[name] != fields[name] for name in fields):
        review.updated_at = utcnow()
        _write(review, subjects, counted)
        record("reviews.changed", actor_id=actor.id, thing=_thing(review), after={"fields": sorted(fields)})
    return review


def delete_review(actor: Actor, review_id: int) -> None:
    """Remove a review; its booking can then be reviewed again. Raises `NotFound`, `Forbidden`, `ReviewHidden`."""
    review, subjects = _locked(actor, review_id)
    if not may_change(actor, review):
        raise Forbidden
    if review.status is ReviewStatus.HIDDEN and actor.role is not Role.ADMIN:
        raise ReviewHidden
    told = {"booking_id": review.booking_id, "author_id": review.author_id, "rating": review.rating}
    db.session.delete(review)
    db.session.flush()
    subjects.recount(review.counted, None)
    record("reviews.deleted", actor_id=actor.id, thing=_thing(review), before=told)


def reply_to(actor: Actor, review_id: int, text: str) -> Review:
    """Answer a review for all to read, in place of the answer before, if any. Raises `NotFound`, `Forbidden`."""
    review, subjects = _locked(actor, review_id)
    if not may_reply(actor, is_concerned=_concerns(actor, subjects)):
        raise Forbidden
    review.reply_text, review.replied_at = text, utcnow()
    review.replier = db.session.get_one(User, actor.id)
    db.session.flush()
    record("reviews.replied", actor_id=actor.id, thing=_thing(review))
    return review


def moderate(actor: Actor, review_id: int, status: ReviewStatus, *, reason: str) -> Review:
    """Hide a review from everybody but its author and admins, or publish it again; another reason replaces the first.

    The same twice is done once. Raises `NotFound`.
    """
    review, subjects = _locked(actor, review_id)
    before, counted = review.status, review.counted
    if (before, review.status_reason) == (status, reason):
        return review
    review.status, review.status_reason = status, reason
    _write(review, subjects, counted)
    was, told = {"status": before.value}, {"status": status.value, "has_reason": bool(reason)}
    record(f"reviews.{status.value}", actor_id=actor.id, thing=_thing(review), before=was, after=told)
    return review


def _own_booking(actor: Actor, booking_id: int) -> Booking:
    try:
        booking = get_booking(actor, booking_id)
    except NotFound:
        raise NotFound.naming("booking_id") from None
    if booking.client_id != actor.id:
        raise Forbidden
    return booking


def _concerns(actor: Actor, subjects: Subjects) -> bool:
    """Say whether it is about the actor's own work, or own space."""
    return bool(db.session.scalars(queries.kept_by(actor.id, subjects.resource_ids)).all())


def _write_subjects(review: Review, subjects: Subjects) -> None:
    copied = {"review_id": review.id, "rating": review.rating, "created_at": review.created_at}
    services = [{"service_id": service_id, "resource_id": None} for service_id in subjects.service_ids]
    resources = [{"service_id": None, "resource_id": resource_id} for resource_id in subjects.resource_ids]
    rows = [one | copied for one in services + resources]
    db.session.execute(insert(ReviewSubject), rows, execution_options={"render_nulls": True})  # one statement


def _locked(actor: Actor, review_id: int) -> tuple[Review, Subjects]:
    """Lock what a visible review is about, then the review; return it as it is now, and that. Raises `NotFound`."""
    get_review(actor, review_id)
    subjects = Subjects.of_review(review_id)
    subjects.lock()
    review = locked(Review, review_id, *queries.WHOLE)
    if not may_see(actor, review):
        raise NotFound
    return review, subjects


def _write(review: Review, subjects: Subjects, counted: int | None) -> None:
    """Write a locked review that counted as `counted`, and count it as it is now."""
    db.session.flush()
    subjects.recount(counted, review.counted)


def _thing(review: Review) -> Thing:
    return Thing("review", review.id)
