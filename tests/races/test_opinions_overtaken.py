"""What is asked for while a change of the same review, or by the same author, is written and not yet committed."""

from flask import Flask

from app.extensions import db
from app.models import MOST_TESTIMONIALS, ReviewStatus, Role
from app.reviews import service as reviews
from app.reviews.recount import find_wrong_counts
from app.security.actor import Actor
from app.testimonials import service as testimonials
from app.transactions import reading
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
from tests.races.standing import overtaken

WORDS = {"content": "Lovely people.", "rating": 5}


def wrong_counts() -> list[str]:
    """Return what a recount finds wrong."""
    with reading():
        return list(find_wrong_counts())


def test_a_second_tab_waits_for_the_first(app: Flask) -> None:
    """409, once the first review stands."""
    client = make_user()
    booking = make_visit(client, make_service(), staff=make_staff())
    token, said = token_for(client), {"booking_id": booking.id, "rating": 5}
    answer = overtaken(
        app,
        lambda: reviews.create_review(Actor(client.id, Role.CLIENT), said | {"comment": ""}),
        lambda api: api.post("/api/reviews", said, token=token),
    )
    assert (answer.status_code, answer.json["code"], wrong_counts()) == (409, "already_reviewed", [])


def test_an_author_does_not_slip_out_of_being_hidden(app: Flask) -> None:
    """To delete it and write it again would publish it: the deletion sees that it has been hidden."""
    author, admin = make_user(), make_user(Role.ADMIN)
    review_id, token = make_review(make_letting(author, make_space())).id, token_for(author)
    answer = overtaken(
        app,
        lambda: reviews.moderate(Actor(admin.id, Role.ADMIN), review_id, ReviewStatus.HIDDEN, reason=""),
        lambda api: api.delete(f"/api/reviews/{review_id}", token=token),
    )
    assert (answer.status_code, answer.json["code"], wrong_counts()) == (409, "review_hidden", [])


def test_what_is_being_hidden_is_not_answered(app: Flask) -> None:
    """404: by the time that the owner has it, it is not the owner's to see."""
    owner, admin = make_user(Role.OWNER), make_user(Role.ADMIN)
    review_id, token = make_review(make_letting(make_user(), make_space(owner))).id, token_for(owner)
    answer = overtaken(
        app,
        lambda: reviews.moderate(Actor(admin.id, Role.ADMIN), review_id, ReviewStatus.HIDDEN, reason=""),
        lambda api: api.post(f"/api/reviews/{review_id}/reply", {"text": "Thanks."}, token=token),
    )
    assert (answer.status_code, wrong_counts()) == (404, [])


def test_stars_change_from_what_they_are_by_then(app: Flask) -> None:
    """The second change takes back what the first one counted, not what it saw before."""
    author, admin, space = make_user(), make_user(Role.ADMIN), make_space()
    review_id, token = make_review(make_letting(author, space), 5).id, token_for(author)
    answer = overtaken(
        app,
        lambda: reviews.change_review(Actor(admin.id, Role.ADMIN), review_id, {"rating": 3}),
        lambda api: api.patch(f"/api/reviews/{review_id}", {"rating": 1}, token=token),
    )
    assert (answer.status_code, answer.json["rating"], wrong_counts()) == (200, 1, [])


def test_the_last_testimonial(app: Flask) -> None:
    """Of two at once for one place, one is written."""
    author = make_user()
    actor, token = Actor(author.id, Role.CLIENT), token_for(author)
    with app.app_context():
        for _ in range(MOST_TESTIMONIALS - 1):
            testimonials.create_testimonial(actor, WORDS)
            db.session.commit()
    answer = overtaken(
        app,
        lambda: testimonials.create_testimonial(actor, WORDS),
        lambda api: api.post("/api/testimonials", WORDS, token=token),
    )
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_testimonials")
