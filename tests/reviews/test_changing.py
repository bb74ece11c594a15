"""`PATCH` and `DELETE /api/reviews/{id}`: what becomes of a review, and of what counts it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import AuditEntry, Review, ReviewStatus, ReviewSubject, Role, User
from tests.api import Api
from tests.cases import each_case
from tests.factories import (
    make_letting,
    make_review,
    make_service,
    make_space,
    make_staff,
    make_user,
    make_visit,
    token_for,
)
from tests.reviews.talk import NOW, REVIEWS, counts, everything, wrong_counts

MINUTE = timedelta(minutes=1)
HIDDEN: dict[str, Any] = {"status": ReviewStatus.HIDDEN, "status_reason": "Rude."}


def change(api: Api, who: User, review: Review, **fields: Any) -> Any:
    """PATCH a review."""
    return api.patch(f"{REVIEWS}/{review.id}", fields, token=token_for(who))


def delete(api: Api, who: User, review: Review) -> Any:
    """DELETE a review."""
    return api.delete(f"{REVIEWS}/{review.id}", token=token_for(who))


def actions() -> list[tuple[Any, ...]]:
    """Return what the audit log tells of reviews: what, by whom, to what kind of thing and which."""
    columns = (AuditEntry.action, AuditEntry.actor_id, AuditEntry.object_type, AuditEntry.object_id)
    found = select(*columns).where(AuditEntry.action.like("reviews.%")).order_by(AuditEntry.id)
    return [tuple(row) for row in db.session.execute(found)]


def test_stars_move_from_one_count_to_another(api: Api) -> None:
    """On all that the review is about; the copies by which lists are sorted follow."""
    author, service, staff = make_user(), make_service(), make_staff()
    with clock.frozen(NOW - MINUTE):
        review = make_review(make_visit(author, service, staff=staff), 5, comment="Great.")
    answer = change(api, author, review, rating=2)
    assert (answer.status_code, answer.json["rating"], answer.json["comment"]) == (200, 2, "Great.")
    assert (answer.json["created_at"], answer.json["updated_at"]) == ("2030-01-07T11:59:00Z", "2030-01-07T12:00:00Z")
    assert counts(service) == counts(staff) == (0, 1, 0, 0, 0)
    assert set(db.session.scalars(select(ReviewSubject.rating))) == {2}
    assert wrong_counts() == []
    assert change(api, author, review, comment="").json["comment"] == ""
    assert actions() == [("reviews.changed", author.id, "review", review.id)] * 2


def test_what_is_the_same_is_no_change(api: Api) -> None:
    """Nothing, or what it says already: 200, and not even its age changes."""
    author = make_user()
    review = make_review(make_letting(author, make_space()), 5, comment="Great.")
    before = everything()
    with clock.frozen(NOW + MINUTE):
        for fields in ({}, {"rating": 5}, {"comment": " Great. "}, {"rating": 5, "comment": "Great."}):
            assert change(api, author, review, **fields).status_code == 200
    assert everything() == before


@pytest.mark.parametrize(("days", "status"), [(0, 200), (30, 200), (31, 409)])
def test_authors_have_thirty_days(api: Api, days: int, status: int) -> None:
    """Then 409 review_closed; an admin still may, and the author may still remove it."""
    author, admin = make_user(), make_user(Role.ADMIN)
    review = make_review(make_letting(author, make_space()))
    before = everything()
    with clock.frozen(NOW + timedelta(days=days)):
        answer = change(api, author, review, rating=1)
        assert answer.status_code == status
        if status == 409:
            assert answer.json["code"] == "review_closed"
            assert everything() == before
        assert change(api, admin, review, rating=3).json["rating"] == 3
        assert wrong_counts() == []
        assert delete(api, author, review).status_code == 204


def test_the_last_moment(api: Api) -> None:
    """Thirty days to the microsecond are not over yet."""
    author = make_user()
    review = make_review(make_letting(author, make_space()))
    with clock.frozen(NOW + timedelta(days=30)):
        assert change(api, author, review, rating=4).status_code == 200
    with clock.frozen(NOW + timedelta(days=30, microseconds=1)):
        assert change(api, author, review, rating=3).status_code == 409


@each_case("role", [Role.CLIENT, Role.STAFF, Role.OWNER])
@each_case("hidden", [False, True])
def test_others_change_nothing(api: Api, role: Role, *, hidden: bool) -> None:
    """RV-06: 403 for what they see, 404 for what they do not; by every door."""
    author, other = make_user(), make_user(role)
    review = make_review(make_letting(author, make_space()), **(HIDDEN if hidden else {}))
    before = everything()
    for answer in (change(api, other, review, rating=1), delete(api, other, review)):
        assert answer.status_code == (404 if hidden else 403)
    assert api.patch(f"{REVIEWS}/{review.id}", {"rating": 1}).status_code == 401
    assert api.delete(f"{REVIEWS}/{review.id}").status_code == 401
    assert everything() == before


@each_case(
    ("fields", "field"),
    [
        ({"rating": 6}, "rating"),
        ({"rating": None}, "rating"),
        ({"rating": 4.5}, "rating"),
        ({"comment": "x" * 2001}, "comment"),
        ({"booking_id": 1}, "booking_id"),
        ({"reply": {"text": "Hm"}}, "reply"),
    ],
)
def test_shapes_that_cannot_be(api: Api, fields: dict[str, Any], field: str) -> None:
    """RV-07, RV-06: the second door has the checks of the first."""
    author = make_user()
    review = make_review(make_letting(author, make_space()))
    before = everything()
    answer = change(api, author, review, **fields)
    assert (answer.status_code, answer.json["errors"].keys()) == (422, {field})
    assert everything() == before


@pytest.mark.parametrize("role", [Role.CLIENT, Role.ADMIN])
def test_a_deleted_review_is_gone(api: Api, role: Role) -> None:
    """By its author or an admin; with what it was about, and uncounted."""
    author, service, staff = make_user(), make_service(), make_staff()
    review = make_review(make_visit(author, service, staff=staff), 3)
    who = author if role is Role.CLIENT else make_user(role)
    review_id = review.id
    assert delete(api, who, review).status_code == 204
    assert delete(api, who, review).status_code == 404
    assert api.get(f"{REVIEWS}/{review_id}").status_code == 404
    assert (everything()["reviews"], everything()["review_subjects"]) == ([], [])
    assert counts(service) == counts(staff) == (0, 0, 0, 0, 0)
    assert actions() == [("reviews.deleted", who.id, "review", review_id)]


def test_a_hidden_review_stays_with_its_author(api: Api) -> None:
    """Its author sees why, and may mend it, which publishes nothing; to delete it and write it again would."""
    author, admin, space = make_user(), make_user(Role.ADMIN), make_space()
    review = make_review(make_letting(author, space), 1, **HIDDEN)
    shown = api.get(f"{REVIEWS}/{review.id}", token=token_for(author)).json
    assert (shown["status"], shown["status_reason"]) == ("hidden", "Rude.")
    assert change(api, author, review, rating=3, comment="Sorry.").json["status"] == "hidden"
    assert (counts(space), wrong_counts()) == ((0, 0, 0, 0, 0), [])
    before = everything()
    refused = delete(api, author, review)
    assert (refused.status_code, refused.json["code"]) == (409, "review_hidden")
    assert everything() == before
    assert delete(api, admin, review).status_code == 204
    assert (counts(space), wrong_counts()) == ((0, 0, 0, 0, 0), [])
