"""What becomes of reviews and testimonials when their author wants its data, or is erased."""

from sqlalchemy import select

from app.extensions import db
from app.models import Review, ReviewStatus, Role
from tests.api import Api
from tests.factories import (
    PASSWORD,
    PASSWORD_HASH,
    make_letting,
    make_review,
    make_service,
    make_space,
    make_staff,
    make_testimonial,
    make_user,
    make_visit,
    token_for,
)
from tests.reviews.talk import NOW, REVIEWS, counts, everything, wrong_counts


def test_the_export_has_what_one_wrote(api: Api) -> None:
    """As its author sees it, hidden ones too; nothing of others."""
    author, service, staff = make_user(), make_service(), make_staff()
    seen = make_review(make_visit(author, service, staff=staff), comment="Great.")
    hidden = make_review(make_visit(author, service, staff=staff), 1, status=ReviewStatus.HIDDEN, status_reason="Rude.")
    make_review(make_visit(make_user(), service, staff=staff))
    said = make_testimonial(author)
    make_testimonial(make_user())
    token = token_for(author)
    found = api.get("/api/users/me/export", token=token).json
    assert [one["id"] for one in found["reviews"]] == [hidden.id, seen.id]
    assert found["reviews"][1] == api.get(f"{REVIEWS}/{seen.id}", token=token).json
    assert found["testimonials"] == [api.get(f"/api/testimonials/{said.id}", token=token).json]


def test_who_is_erased_takes_the_words_and_leaves_the_stars(api: Api) -> None:
    """The rating counts on, by a former member; replies, which may name somebody, go with what they answered.

    A testimonial without its words is nothing.
    """
    author, owner = make_user(password_hash=PASSWORD_HASH), make_user(Role.OWNER)
    space = make_space(owner)
    review = make_review(make_letting(author, space), 4, comment="I am Ada.")
    other = make_review(make_letting(make_user(), space), 2, comment="I am not.")
    for one in (review, other):
        api.post(f"{REVIEWS}/{one.id}/reply", {"text": "Thank you."}, token=token_for(owner))
    make_testimonial(author)
    token = token_for(author)
    assert api.post("/api/users/me/erase", {"password": PASSWORD}, token=token).status_code == 204
    shown = api.get(f"{REVIEWS}/{review.id}").json
    assert [shown[name] for name in ("author_name", "comment", "reply", "rating")] == ["Former member", "", None, 4]
    kept = api.get(f"{REVIEWS}/{other.id}").json
    assert (kept["comment"], kept["reply"]["text"]) == ("I am not.", "Thank you.")
    assert (counts(space), wrong_counts()) == ((0, 1, 0, 1, 0), [])
    assert everything()["testimonials"] == []


def test_who_replied_and_is_erased_is_a_former_member(api: Api) -> None:
    """What the house said stays the house's."""
    owner = make_user(Role.OWNER, password_hash=PASSWORD_HASH)
    review = make_review(
        make_letting(make_user(), make_space(owner)), reply_text="Thanks.", replied_by=owner.id, replied_at=NOW
    )
    assert api.post("/api/users/me/erase", {"password": PASSWORD}, token=token_for(owner)).status_code == 204
    reply = api.get(f"{REVIEWS}/{review.id}").json["reply"]
    assert (reply["text"], reply["by"]) == ("Thanks.", "Former member")
    assert db.session.scalar(select(Review.replied_by)) == owner.id
