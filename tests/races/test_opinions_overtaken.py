"""What is asked for while a change of the same review, or by the same author, is written and not yet committed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import models
from app.extensions import db
from app.models import MOST_TESTIMONIALS, Review, ReviewStatus, Role, Space, User
from app.reviews import service as reviews
from app.reviews.recount import find_wrong_counts
from app.security.actor import Actor
from app.testimonials import service as testimonials
from app.transactions import reading
from app.users.service import erasure
from tests.api import Api
from tests.factories import (
    PASSWORD,
    PASSWORD_HASH,
    make_letting,
    make_review,
    make_service,
    make_space,
    make_staff,
    make_user,
    make_visit,
    token_for,
)
from tests.races.standing import behind, erase, overtaken

WORDS = {"content": "Lovely people.", "rating": 5}
SPACE = {
    "name": "Home of Ada",
    "address": "Her street 1",
    "city": "Nairobi",
    "country": "KE",
    "capacity": 5,
    "price_per_hour": {"amount": 1000},
}
BEHIND = (erasure, "_forget_access")
"""Where an erasure stands once every room has forgotten the account."""


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


def while_erased(
    app: Flask, monkeypatch: pytest.MonkeyPatch, user: User, method: str, path: str, body: dict[str, Any], token: str
) -> tuple[int, str]:
    """Have an account erased, and ask for something at the moment before that is there; return status and code."""

    def ask() -> tuple[int, str]:
        answer = Api(app.test_client()).call(method, path, json=body, token=token)
        return answer.status_code, answer.json.get("code", "")

    erased, answer = behind(monkeypatch, BEHIND, erase(app, token_for(user)), ask)
    assert erased == (204, None)
    db.session.rollback()
    return tuple(answer)


def leaving(role: Role = Role.CLIENT) -> User:
    """Return somebody who can be erased."""
    return make_user(role, password_hash=PASSWORD_HASH)


def test_who_is_being_erased_reviews_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """401: neither stars nor words come after the erasure."""
    client = leaving()
    body = {"booking_id": make_letting(client, make_space()).id, "rating": 1, "comment": "I am Ada Lovelace."}
    answer = while_erased(app, monkeypatch, client, "POST", "/api/reviews", body, token_for(client))
    assert (answer, db.session.scalars(select(Review)).all(), wrong_counts()) == ((401, "token_revoked"), [], [])


def test_who_is_being_erased_adds_no_words(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """401: what was emptied stays empty."""
    client = leaving()
    path = f"/api/reviews/{make_review(make_letting(client, make_space())).id}"
    body = {"comment": "I am Ada Lovelace."}
    answer = while_erased(app, monkeypatch, client, "PATCH", path, body, token_for(client))
    assert (answer, db.session.scalars(select(Review.comment)).all()) == ((401, "token_revoked"), [""])


def test_who_is_being_erased_says_nothing_of_the_house(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """401: no testimonial is left of who is gone."""
    client = leaving()
    answer = while_erased(app, monkeypatch, client, "POST", "/api/testimonials", WORDS, token_for(client))
    assert (answer, db.session.scalars(select(models.Testimonial)).all()) == ((401, "token_revoked"), [])


def test_who_is_being_erased_lets_nothing_new(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """401: no address, and nothing to book, of who is gone."""
    owner = leaving(Role.OWNER)
    answer = while_erased(app, monkeypatch, owner, "POST", "/api/spaces", SPACE, token_for(owner))
    assert (answer, db.session.scalars(select(Space)).all()) == ((401, "token_revoked"), [])


def test_who_is_being_erased_reopens_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """401: what was retired stays so, and where it is stays forgotten."""
    owner = leaving(Role.OWNER)
    path = f"/api/spaces/{make_space(owner).id}"
    body = {"address": "Her street 1", "status": "available"}
    answer = while_erased(app, monkeypatch, owner, "PATCH", path, body, token_for(owner))
    left = db.session.execute(select(Space.address, Space.active)).one()
    assert (answer, tuple(left)) == ((401, "token_revoked"), ("", False))


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_nothing_is_handed_to_who_is_being_erased(app: Flask, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """422, as a moment later: whose a new space is to be, or one that there is."""
    owner, keeper = leaving(Role.OWNER), make_user(Role.OWNER)
    space, admin = make_space(keeper), token_for(make_user(Role.ADMIN))
    body: dict[str, Any] = {"owner_id": owner.id} | (SPACE if method == "POST" else {})
    path = "/api/spaces" if method == "POST" else f"/api/spaces/{space.id}"
    answer = while_erased(app, monkeypatch, owner, method, path, body, admin)
    assert answer == (422, "validation_failed")
    assert db.session.scalars(select(Space.owner_id)).all() == [keeper.id]


def test_an_answer_in_flight_is_emptied_too(app: Flask) -> None:
    """A reply may name its reader: erasure waits for one that is being written."""
    client, admin = leaving(), make_user(Role.ADMIN)
    review_id, token = make_review(make_letting(client, make_space())).id, token_for(client)
    answer = overtaken(
        app,
        lambda: reviews.reply_to(Actor(admin.id, Role.ADMIN), review_id, "Dear Ada Lovelace"),
        lambda api: api.post("/api/users/me/erase", {"password": PASSWORD}, token=token),
    )
    assert (answer.status_code, db.session.scalars(select(Review.reply_text)).all()) == (204, [None])
