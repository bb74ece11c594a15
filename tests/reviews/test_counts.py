"""The counts that things carry, the score that follows from them, and `flask audit`, which counts again."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from app.bookings.recount import find_overlaps
from app.extensions import db
from app.models import (
    Allocation,
    Booking,
    BookingItem,
    BookingStatus,
    Resource,
    Review,
    ReviewStatus,
    ReviewSubject,
    Role,
    Service,
)
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.factories import (
    make_booking,
    make_letting,
    make_review,
    make_service,
    make_space,
    make_staff,
    make_user,
    make_visit,
    make_working_staff,
    token_for,
)
from tests.reviews.talk import NOW, counts, say, wrong_counts

NINE = NOW + timedelta(hours=21)
TOLD = "reviews of 1 to 5 stars; there are"


def audit(app: Flask) -> tuple[int, list[str]]:
    """Run `flask audit`; return its status and its lines."""
    db.session.rollback()
    found = app.test_cli_runner().invoke(args=["audit"])
    return found.exit_code, found.output.splitlines()


def score(stars: dict[str, Any]) -> int:
    """Return the score of a service with so many reviews of each number of stars."""
    service = make_service(**stars)
    with transaction():
        return db.session.scalars(select(Service.rating_score).where(Service.id == service.id)).one()


@each_case(
    ("stars", "expected"),
    [
        ({}, 3000),
        ({"rating_5": 1}, 3333),
        ({"rating_1": 1}, 2666),
        ({"rating_3": 1}, 3000),
        ({"rating_5": 10}, 4333),
        ({"rating_5": 1000}, 4990),
        ({"rating_4": 90, "rating_5": 10}, 4047),
        ({"rating_5": 2 * 10**12}, 4999),
    ],
)
def test_few_reviews_move_the_score_little(app: Flask, stars: dict[str, int], expected: int) -> None:
    """As if five strangers had given three stars each: the same whole number on both databases."""
    assert score(stars) == expected


def test_one_enthusiast_does_not_outrank_a_hundred_guests(app: Flask) -> None:
    """5.0 of one review is less than 4.1 of a hundred; nothing said is better than much bad."""
    assert score({"rating_5": 1}) < score({"rating_4": 90, "rating_5": 10})
    assert score({"rating_1": 10}) < score({}) < score({"rating_4": 1})


def test_the_score_is_the_databases_own(app: Flask) -> None:
    """It follows the counts at once, and nobody writes it."""
    space = make_space()
    with transaction():
        db.session.execute(update(Resource).where(Resource.id == space.id).values(rating_5=10))
        assert db.session.scalars(select(Resource.rating_score)).all() == [4333]
    with pytest.raises(Exception, match=r"(?i)generated"), transaction():
        db.session.execute(text("UPDATE resources SET rating_score = 5000"))
    db.session.rollback()


MOVES = st.lists(
    st.tuples(st.sampled_from(["post", "patch", "delete", "hide", "publish"]), st.integers(0, 3), st.integers(1, 5)),
    max_size=12,
)


@settings(max_examples=8)
@given(moves=MOVES)
def test_whatever_happens_the_counts_are_those_of_a_recount(app: Flask, moves: list[tuple[str, int, int]]) -> None:
    """Any order of writing, changing, hiding, publishing and deleting, over HTTP, refused or not."""
    api, admin = Api(app.test_client()), token_for(make_user(Role.ADMIN))
    service, other, staff, space = make_service(), make_service(), make_staff(), make_space()
    client = make_user()
    visits = [make_visit(client, service, other, staff=staff), make_visit(client, other, staff=staff)]
    booked = [one.id for one in (*visits, make_letting(client, space), make_letting(client, space))]
    written: dict[int, int] = {}
    for verb, nth, stars in moves:
        if verb == "post":
            answer = say(api, client, booked[nth], stars)
            written |= {nth: answer.json["id"]} if answer.status_code == 201 else {}
            continue
        method, rest, body = {
            "patch": ("PATCH", "", {"rating": stars}),
            "delete": ("DELETE", "", None),
            "hide": ("POST", "/hide", {"reason": "Rude."}),
            "publish": ("POST", "/publish", {}),
        }[verb]
        answer = api.call(method, f"/api/reviews/{written.get(nth, 2**40)}{rest}", json=body, token=admin)
        assert answer.status_code < 500
        assert wrong_counts() == []


def test_everything_adds_up(app: Flask) -> None:
    """Status 0, and one line."""
    client = make_user()
    make_review(make_visit(client, make_service(), staff=make_staff()))
    make_review(make_letting(client, make_space()), 2)
    assert audit(app) == (0, ["Everything adds up."])


@pytest.mark.parametrize("by", [1, 7])
def test_a_wrong_count_is_found(app: Flask, by: int) -> None:
    """Status 1, and which thing carries what: of a service, a staff member, a space; and of what nobody reviewed."""
    service, staff, space, quiet = make_service(), make_staff(), make_space(), make_service()
    make_review(make_visit(make_user(), service, staff=staff), 4)
    make_review(make_letting(make_user(), space), 2)
    with transaction():
        db.session.execute(update(Service).where(Service.id.in_([service.id, quiet.id])).values(rating_5=by))
        db.session.execute(update(Resource).where(Resource.id == space.id).values(rating_2=0))
        db.session.execute(update(Resource).where(Resource.id == staff.id).values(rating_3=by))
    assert audit(app) == (
        1,
        [
            f"reviews: service {service.id} carries [0, 0, 0, 1, {by}] {TOLD} [0, 0, 0, 1, 0]",
            f"reviews: service {quiet.id} carries [0, 0, 0, 0, {by}] {TOLD} [0, 0, 0, 0, 0]",
            f"reviews: resource {staff.id} carries [0, 0, {by}, 1, 0] {TOLD} [0, 0, 0, 1, 0]",
            f"reviews: resource {space.id} carries [0, 0, 0, 0, 0] {TOLD} [0, 1, 0, 0, 0]",
            "4 things are off.",
        ],
    )
    assert counts(service) == (0, 0, 0, 1, by), "it looks, and mends nothing"


def test_a_review_past_the_verbs_is_found(app: Flask) -> None:
    """Written, hidden or removed by SQL alone; and one of what its author did not have."""
    service, staff = make_service(), make_staff()
    review = make_review(make_visit(make_user(), service, staff=staff))
    with transaction():
        db.session.execute(update(Review).values(status="hidden"))
    assert audit(app)[0] == 1
    with transaction():
        db.session.execute(update(Review).values(status="published"))
    assert audit(app)[0] == 0
    with transaction():
        db.session.execute(delete(ReviewSubject).where(ReviewSubject.service_id == service.id))
    assert audit(app)[1][0].startswith(f"reviews: service {service.id} carries [0, 0, 0, 0, 1]")
    with transaction():
        db.session.execute(update(Service).values(rating_5=0))
        db.session.execute(update(Booking).values(status=BookingStatus.CONFIRMED))
    lines = audit(app)[1]
    assert f"reviews: review {review.id} is of booking {review.booking_id}, which its author has not had" in lines


def test_a_lost_subject_is_found(app: Flask) -> None:
    """Also where nothing counts it: of a hidden review, or with the count lost too; and one that was never booked."""
    service, staff, space, other = make_service(), make_staff(), make_space(), make_service()
    visit = make_review(make_visit(make_user(), service, staff=staff), status=ReviewStatus.HIDDEN, status_reason="x")
    let = make_review(make_letting(make_user(), space), status=ReviewStatus.HIDDEN, status_reason="x")
    assert audit(app) == (0, ["Everything adds up."])
    copied = {"review_id": let.id, "rating": let.rating, "created_at": let.created_at}
    with transaction():
        db.session.execute(delete(ReviewSubject))
        db.session.execute(insert(ReviewSubject).values(service_id=other.id, **copied))
    assert audit(app) == (
        1,
        [
            f"reviews: review {visit.id} is not about service {service.id}",
            f"reviews: review {visit.id} is not about resource {staff.id}",
            f"reviews: review {let.id} is not about resource {space.id}",
            f"reviews: review {let.id} is about what was not booked: service {other.id}",
            "4 things are off.",
        ],
    )


def test_time_that_is_not_accounted_for_is_found(app: Flask, api: Api) -> None:
    """A confirmed booking without its allocation; an allocation of what was given up, or of somebody else."""
    service = make_service()
    staff, other = make_working_staff(service), make_working_staff()
    asked = {"service_id": service.id, "staff_id": staff.id, "starts_at": "2030-01-08T09:00:00Z"}
    booked = api.post("/api/bookings", asked, token=token_for(make_user())).json["id"]
    assert audit(app) == (0, ["Everything adds up."])
    (taken,) = db.session.scalars(select(Allocation.id)).all()
    with transaction():
        db.session.execute(update(Allocation).values(resource_id=other.id))
    assert audit(app)[1][:2] == [
        f"allocations: booking {booked} is confirmed, and its time of resource {staff.id} is not taken",
        f"allocations: allocation {taken} takes time of resource {other.id} that is not booking {booked}'s",
    ]
    with transaction():
        db.session.execute(update(Allocation).values(resource_id=staff.id))
        given_up = {"status": BookingStatus.CANCELLED, "cancelled_at": NOW}
        db.session.execute(update(Booking).values(given_up))
    said = f"allocations: allocation {taken} takes time of resource {staff.id} that is not booking {booked}'s"
    assert audit(app) == (1, [said, "1 things are off."])


def test_an_overlap_is_found(app: Flask) -> None:
    """Where the rule of the database was lost, in a restored copy, say: also under one that lies over all others."""
    staff = make_staff()
    booking = make_booking(make_user(), make_service(), staff, NINE)
    with transaction():
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE allocations DROP CONSTRAINT allocation_no_overlap"))
        else:
            for verb in ("insert", "update"):
                connection.execute(text(f"DROP TRIGGER allocation_no_overlap_{verb}"))
        row = {"resource_id": staff.id, "booking_id": booking.id}
        for begins, ends in ((0, 5), (1, 2), (3, 4), (5, 6)):
            hours = {"starts_at": NINE + timedelta(hours=begins), "ends_at": NINE + timedelta(hours=ends)}
            db.session.execute(insert(Allocation).values(row | hours))
        ids = db.session.scalars(select(Allocation.id).order_by(Allocation.starts_at)).all()
        lines = list(find_overlaps())
        db.session.rollback()
    told = f"of resource {staff.id} begins before the one before it ends"
    assert lines == [f"allocation {overlapping} {told}" for overlapping in ids[1:3]]


def test_items_are_there(app: Flask) -> None:
    """The factory of visits writes an item for each service, as bookings have them."""
    visit = make_visit(make_user(), make_service(), make_service(), staff=make_staff())
    assert len(db.session.scalars(select(BookingItem.id).where(BookingItem.booking_id == visit.id)).all()) == 2
