"""What the databases themselves say of reviews, counts and testimonials, broken on purpose, past all of our code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app import models
from app.extensions import db
from app.models import Resource, Review, ReviewSubject, Service
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import (
    make_review,
    make_service,
    make_space,
    make_staff,
    make_testimonial,
    make_user,
    make_visit,
)
from tests.models.test_constraints import refused, refused_by_database

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)


@pytest.fixture
def review(app: Flask) -> Review:
    """A published review of a visit, without a reply."""
    return make_review(make_visit(make_user(), make_service(), staff=make_staff()))


@each_case(
    ("model", "values", "name"),
    [
        (Review, {"rating": 0}, "ck_reviews_rating"),
        (Review, {"rating": 6}, "ck_reviews_rating"),
        (Review, {"reply_text": "Hm"}, "ck_reviews_reply"),
        (Review, {"replied_at": NINE}, "ck_reviews_reply"),
        (ReviewSubject, {"resource_id": None, "service_id": None}, "ck_review_subjects_one_subject"),
        (models.Testimonial, {"rating": 0}, "ck_testimonials_rating"),
        (models.Testimonial, {"rating": 6}, "ck_testimonials_rating"),
        (models.Testimonial, {"content": ""}, "ck_testimonials_content"),
        (models.Testimonial, {"number": 0}, "ck_testimonials_number"),
        (models.Testimonial, {"number": 6}, "ck_testimonials_number"),
        *((Service, {f"rating_{stars}": -1}, f"ck_services_rating_{stars}") for stars in range(1, 6)),
        *((Resource, {f"rating_{stars}": -1}, f"ck_resources_rating_{stars}") for stars in range(1, 6)),
    ],
)
def test_unlawful_values_are_refused(review: Review, model: Any, values: dict[str, Any], name: str) -> None:
    """One row of everything is there; no update may make it unlawful."""
    make_testimonial(make_user())
    refused(update(model.__table__).values(values), name)


def test_a_subject_is_one_thing(review: Review) -> None:
    """Not a service and a resource at once."""
    service_id, resource_id = db.session.execute(
        select(Service.id, Resource.id).join(Resource, Resource.kind == "staff")
    ).one()
    refused(update(ReviewSubject).values(service_id=service_id, resource_id=resource_id), "one_subject")


@pytest.mark.parametrize("table", ["reviews", "testimonials"])
def test_there_are_no_other_words(review: Review, table: str) -> None:
    """Statuses are those of the table."""
    make_testimonial(make_user())
    caught = refused_by_database(table, {"status": "gone"})
    assert f"ck_{table}_status" in str(caught.value)


def test_a_booking_has_one_review(review: Review) -> None:
    """Whatever its status: the one promise that two tabs at once rely on."""
    row = {column.key: getattr(review, column.key) for column in Review.__table__.columns if column.key != "id"}
    for status in models.ReviewStatus:
        refused(insert(Review).values(row | {"status": status}), "booking_id")


def test_a_review_names_a_thing_once(review: Review) -> None:
    """Neither a service nor a resource counts it twice."""
    columns = [column.key for column in ReviewSubject.__table__.columns if column.key != "id"]
    for subject in db.session.scalars(select(ReviewSubject)).all():
        refused(insert(ReviewSubject).values({name: getattr(subject, name) for name in columns}), "review_id")


def test_one_person_has_each_number_once(app: Flask) -> None:
    """So that five is the most, whoever writes them."""
    user = make_user()
    make_testimonial(user)
    with pytest.raises(IntegrityError) as caught:
        make_testimonial(user)
    assert "user_id" in str(caught.value.orig)
    make_testimonial(make_user())


def test_the_copies_follow_and_cannot_differ(review: Review) -> None:
    """A review's stars change those of its subjects, and its removal removes them; no subject says otherwise."""
    other = make_service()
    for wrong in ({"rating": 1}, {"created_at": review.created_at + timedelta(seconds=1)}):
        row = {"review_id": review.id, "service_id": other.id, "rating": 5, "created_at": review.created_at} | wrong
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(insert(ReviewSubject).values(row))
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(update(ReviewSubject).values(wrong))
    with transaction():
        db.session.execute(update(Review).values(rating=2))
        assert db.session.scalars(select(ReviewSubject.rating)).all() == [2, 2]
        db.session.execute(delete(Review))
        assert db.session.scalars(select(ReviewSubject.id)).all() == []


def test_what_was_reviewed_stays(review: Review) -> None:
    """Neither services, staff, bookings nor authors are removed from under a review."""
    for table in ("services", "resources", "bookings", "users"):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # the test's own words
    make_space()
