"""`POST /api/reviews/{id}/hide`, `/publish` and `/reply`: what the house does about a review."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import AuditEntry, Review, ReviewStatus, Role, User
from app.transactions import transaction
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


def act(api: Api, who: User, review: Review, action: str, **fields: Any) -> Any:
    """POST an action on a review."""
    return api.post(f"{REVIEWS}/{review.id}/{action}", fields, token=token_for(who))


def reply(api: Api, who: User, review: Review, text: Any = "Thank you!") -> Any:
    """Answer a review."""
    return act(api, who, review, "reply", text=text)


def test_what_is_hidden_is_not_there(api: Api) -> None:
    """From lists, counts and its own address; but for its author and admins. Published again, it is back."""
    author, admin, other, service = make_user(), make_user(Role.ADMIN), make_user(), make_service()
    review = make_review(make_visit(author, service, staff=make_staff()), 1)
    hidden = act(api, admin, review, "hide", reason="Names a child.")
    assert (hidden.status_code, hidden.json["status"], hidden.json["status_reason"]) == (
        200,
        "hidden",
        "Names a child.",
    )
    for token, status in ((None, 404), (token_for(other), 404), (token_for(author), 200), (token_for(admin), 200)):
        assert api.get(f"{REVIEWS}/{review.id}", token=token).status_code == status
        listed = api.get(REVIEWS, query={"service_id": service.id}, token=token).json
        assert (listed["items"], listed["summary"]["count"]) == ([], 0)
    assert (counts(service), wrong_counts()) == ((0, 0, 0, 0, 0), [])
    assert api.get(f"/api/services/{service.id}").json["rating"] == {"count": 0, "average": None}
    published = act(api, admin, review, "publish", reason="Mended.")
    assert (published.json["status"], published.json["status_reason"]) == ("published", "Mended.")
    assert (counts(service), wrong_counts()) == ((1, 0, 0, 0, 0), [])
    assert "status_reason" not in api.get(f"{REVIEWS}/{review.id}").json
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.object_type == "review").order_by(AuditEntry.id))
    assert [(entry.action, entry.actor_id, entry.before, entry.after) for entry in entries] == [
        ("reviews.hidden", admin.id, {"status": "published"}, {"status": "hidden", "has_reason": True}),
        ("reviews.published", admin.id, {"status": "hidden"}, {"status": "published", "has_reason": True}),
    ]


@pytest.mark.parametrize(("status", "action"), [(ReviewStatus.HIDDEN, "hide"), (ReviewStatus.PUBLISHED, "publish")])
def test_twice_is_once(api: Api, status: ReviewStatus, action: str) -> None:
    """200, and nothing changes."""
    review = make_review(make_letting(make_user(), make_space()), status=status, status_reason="First.")
    before = everything()
    answer = act(api, make_user(Role.ADMIN), review, action, reason="First.")
    assert (answer.status_code, answer.json["status_reason"]) == (200, "First.")
    assert everything() == before


@pytest.mark.parametrize(("status", "action"), [(ReviewStatus.HIDDEN, "hide"), (ReviewStatus.PUBLISHED, "publish")])
def test_a_better_reason(api: Api, status: ReviewStatus, action: str) -> None:
    """It takes the place of the first, and is recorded; counts stay."""
    space = make_space()
    review = make_review(make_letting(make_user(), space), status=status, status_reason="First.")
    before = counts(space)
    answer = act(api, make_user(Role.ADMIN), review, action, reason="Second.")
    assert (answer.status_code, answer.json["status_reason"]) == (200, "Second.")
    assert (counts(space), wrong_counts()) == (before, [])
    (entry,) = db.session.scalars(select(AuditEntry)).all()
    assert (entry.before, entry.after) == ({"status": status.value}, {"status": status.value, "has_reason": True})


def test_nothing_is_hidden_for_no_reason(api: Api) -> None:
    """422: its author is shown why. It is published without a word, and none is left of why it was hidden."""
    review, admin = make_review(make_letting(make_user(), make_space())), make_user(Role.ADMIN)
    before = everything()
    for reason in ({}, {"reason": ""}, {"reason": " \n"}, {"reason": None}):
        assert act(api, admin, review, "hide", **reason).json["errors"].keys() == {"reason"}
    assert act(api, admin, review, "publish").status_code == 200
    assert everything() == before
    act(api, admin, review, "hide", reason="Rude.")
    assert act(api, admin, review, "publish").json["status_reason"] == ""
    after = select(AuditEntry.after).where(AuditEntry.action == "reviews.published")
    assert db.session.scalars(after).all() == [{"status": "published", "has_reason": False}]


@pytest.mark.parametrize("action", ["hide", "publish"])
def test_only_admins_moderate(api: Api, action: str) -> None:
    """403 for its author, and for who works there."""
    author, owner = make_user(), make_user(Role.OWNER)
    review = make_review(make_letting(author, make_space(owner)))
    before = everything()
    for who in (author, owner, make_user(Role.STAFF)):
        assert act(api, who, review, action, reason="x").status_code == 403
    assert act(api, make_user(Role.ADMIN), review, action, reason="x" * 501).json["errors"].keys() == {"reason"}
    assert everything() == before


def test_who_did_the_work_replies(api: Api) -> None:
    """The staff member of the visit, for all to read, under the own name; the review is as old as it was."""
    jo = make_user(Role.STAFF, first_name="Jo", last_name="Kim")
    review = make_review(make_visit(make_user(), make_service(), staff=make_staff(user_id=jo.id)))
    with clock.frozen(NOW + timedelta(minutes=1)):
        answer = reply(api, jo, review, " Thank you!\nCome again. ")
    told = {"text": "Thank you!\nCome again.", "by": "Jo K.", "at": "2030-01-07T12:01:00Z"}
    assert (answer.status_code, answer.json["reply"]) == (200, told)
    assert (answer.json["updated_at"], "booking_id" in answer.json) == ("2030-01-07T12:00:00Z", False)
    assert api.get(f"{REVIEWS}/{review.id}").json["reply"] == told
    assert wrong_counts() == []


def test_who_lets_the_space_replies(api: Api) -> None:
    """Its owner, and an admin in its place: a second answer takes the place of the first."""
    owner, admin = make_user(Role.OWNER, first_name="Olu"), make_user(Role.ADMIN, first_name="Ann", last_name="")
    review = make_review(make_letting(make_user(), make_space(owner)))
    assert reply(api, owner, review, "One.").json["reply"]["text"] == "One."
    assert reply(api, owner, review, "Two.").json["reply"]["text"] == "Two."
    assert reply(api, admin, review, "Three.").json["reply"] | {"at": ""} == {"text": "Three.", "by": "Ann", "at": ""}
    replied = select(AuditEntry.actor_id).where(AuditEntry.action == "reviews.replied").order_by(AuditEntry.id)
    assert db.session.scalars(replied).all() == [owner.id, owner.id, admin.id]


def test_nobody_else_replies(api: Api) -> None:
    """403: a colleague, another owner, the author, a client; and who works there no more."""
    jo, owner, author = make_user(Role.STAFF), make_user(Role.OWNER), make_user()
    visit = make_review(make_visit(author, make_service(), staff=make_staff(user_id=jo.id)))
    let = make_review(make_letting(author, make_space(owner)))
    others = (make_user(Role.STAFF), make_user(Role.OWNER), author, make_user())
    with transaction():
        db.session.get_one(User, jo.id).role = Role.CLIENT
    before = everything()
    for who, review in [(one, review) for one in others for review in (visit, let)] + [(jo, visit), (owner, visit)]:
        assert reply(api, who, review).status_code == 403
    assert api.post(f"{REVIEWS}/{visit.id}/reply", {"text": "Hm"}).status_code == 401
    assert everything() == before


def test_an_author_does_not_reply_to_itself(api: Api) -> None:
    """Staff who had a colleague's work are its client, whatever their role."""
    me = make_user(Role.STAFF)
    make_staff(user_id=me.id)
    review = make_review(make_visit(me, make_service(), staff=make_staff()))
    assert reply(api, me, review).status_code == 403


def test_what_is_hidden_has_no_more_answers(api: Api) -> None:
    """404 to who does not see it any more; an admin may."""
    owner = make_user(Role.OWNER)
    review = make_review(make_letting(make_user(), make_space(owner)), status=ReviewStatus.HIDDEN)
    assert reply(api, owner, review).status_code == 404
    assert reply(api, make_user(Role.ADMIN), review).status_code == 200


@each_case("text", ["", "  ", "\u200b", "x" * 2001, None, 7])
def test_an_empty_answer_is_none(api: Api, text: Any) -> None:
    """422 with the field named."""
    review = make_review(make_letting(make_user(), make_space()))
    before = everything()
    answer = reply(api, make_user(Role.ADMIN), review, text)
    assert (answer.status_code, answer.json["errors"].keys()) == (422, {"text"})
    assert everything() == before
