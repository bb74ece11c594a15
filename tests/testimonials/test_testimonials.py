"""`/api/testimonials`: anybody's words about the business, shown once an admin has published them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import models
from app.extensions import db
from app.kit import clock
from app.models import AuditEntry, Role, User
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.databases import refused_by_shape
from tests.factories import make_testimonial, make_user, token_for

PATH = "/api/testimonials"
NOW = datetime(2030, 1, 7, 12, tzinfo=UTC)
WORDS = {"content": "Lovely people.", "rating": 5}


@pytest.fixture(autouse=True)
def noon(app: Flask) -> Iterator[None]:
    """Make it noon of a Monday."""
    with clock.frozen(NOW):
        yield


def rows() -> list[tuple[Any, ...]]:
    """Return all testimonials, and all that was recorded."""
    tables = (models.Testimonial.__table__, AuditEntry.__table__)
    found = [tuple(row) for table in tables for row in db.session.execute(select(table).order_by(table.c.id))]
    db.session.rollback()
    return found


def ids(api: Api, who: User | None = None, **query: Any) -> list[int]:
    """Return the ids of a page of the list."""
    answer = api.get(PATH, query=query, token=token_for(who) if who else None)
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["items"]]


@pytest.mark.parametrize("role", Role)
def test_anybody_signed_in_writes(api: Api, role: Role) -> None:
    """It waits: its author and admins see it, others as soon as it is published."""
    author, admin = make_user(role, first_name="Ada", last_name="Wong"), make_user(Role.ADMIN)
    answer = api.post(PATH, WORDS, token=token_for(author))
    written = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{PATH}/{written['id']}")
    assert written == WORDS | {
        "id": written["id"],
        "user_id": author.id,
        "author_name": "Ada W.",
        "status": "pending",
        "status_reason": "",
        "created_at": "2030-01-07T12:00:00Z",
    }
    place = f"{PATH}/{written['id']}"
    for who, status in ((author, 200), (admin, 200), (make_user(Role.STAFF), 404)):
        assert api.get(place, token=token_for(who)).status_code == status
    assert (api.get(place).status_code, ids(api)) == (404, [])
    published = api.post(f"{place}/publish", {}, token=token_for(admin))
    assert (published.status_code, published.json["status"]) == (200, "published")
    assert ids(api) == [written["id"]]
    assert api.get(place).json == {name: value for name, value in published.json.items() if name != "status_reason"}


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("status", models.TestimonialStatus)
def test_what_has_changed_waits_again(api: Api, method: str, status: models.TestimonialStatus) -> None:
    """Whatever it was; what says the same as before is no change."""
    author = make_user()
    said = make_testimonial(author, status=status, status_reason="So.")
    place, token = f"{PATH}/{said.id}", token_for(author)
    before = rows()
    same = api.call(method, place, json=WORDS, token=token)
    assert (same.status_code, same.json["status"]) == (200, status.value)
    assert rows() == before
    answer = api.call(method, place, json=WORDS | {"rating": 4}, token=token)
    assert [answer.json[name] for name in ("rating", "status", "status_reason")] == [4, "pending", ""]
    assert ids(api) == []


def test_put_needs_all_of_it_and_patch_some(api: Api) -> None:
    """PUT writes it anew; PATCH changes what is given, and nothing where nothing is."""
    author = make_user()
    place, token = f"{PATH}/{make_testimonial(author).id}", token_for(author)
    assert api.put(place, {"rating": 4}, token=token).json["errors"].keys() == {"content"}
    assert api.put(place, {"content": "x"}, token=token).json["errors"].keys() == {"rating"}
    assert api.patch(place, {}, token=token).json["status"] == "published"
    assert api.patch(place, {"content": "New."}, token=token).json["content"] == "New."


def test_others_change_nothing(api: Api) -> None:
    """403 for what they see, 404 for what they do not. An admin deletes and moderates, and puts no words in a mouth."""
    author, other, admin = make_user(), make_user(Role.OWNER), make_user(Role.ADMIN)
    seen = make_testimonial(author)
    waiting = make_testimonial(author, number=2, status=models.TestimonialStatus.PENDING)
    before = rows()
    for method, json in (("PATCH", WORDS), ("PUT", WORDS), ("DELETE", None)):
        assert api.call(method, f"{PATH}/{seen.id}", json=json, token=token_for(other)).status_code == 403
        assert api.call(method, f"{PATH}/{waiting.id}", json=json, token=token_for(other)).status_code == 404
        assert api.call(method, f"{PATH}/{seen.id}", json=json).status_code == 401
    for action in ("hide", "publish"):
        for who in (author, other):
            assert api.post(f"{PATH}/{waiting.id}/{action}", {"reason": "x"}, token=token_for(who)).status_code == 403
    assert api.patch(f"{PATH}/{seen.id}", {"content": "Paid."}, token=token_for(admin)).status_code == 403
    assert rows() == before


def test_deleted(api: Api) -> None:
    """By its author, and by an admin; recorded."""
    author, admin = make_user(), make_user(Role.ADMIN)
    own, theirs = make_testimonial(author).id, make_testimonial(author, number=2).id
    for who, testimonial_id in ((author, own), (admin, theirs)):
        assert api.delete(f"{PATH}/{testimonial_id}", token=token_for(who)).status_code == 204
        assert api.delete(f"{PATH}/{testimonial_id}", token=token_for(who)).status_code == 404
    assert ids(api, admin, mine="true") == ids(api) == []
    entries = db.session.execute(select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.object_id)).all()
    assert [tuple(one) for one in entries] == [
        ("testimonials.deleted", author.id, own),
        ("testimonials.deleted", admin.id, theirs),
    ]


def test_hidden(api: Api) -> None:
    """Its author sees it, and why; hiding it for the same reason again changes nothing, for another one the reason."""
    author, admin = make_user(), token_for(make_user(Role.ADMIN))
    place = f"{PATH}/{make_testimonial(author).id}"
    assert api.post(f"{place}/hide", {"reason": "Advertises."}, token=admin).json["status"] == "hidden"
    assert (api.get(place).status_code, ids(api)) == (404, [])
    shown = api.get(place, token=token_for(author)).json
    assert (shown["status"], shown["status_reason"]) == ("hidden", "Advertises.")
    before = rows()
    assert api.post(f"{place}/hide", {"reason": "Advertises."}, token=admin).json["status_reason"] == "Advertises."
    for reason in ({}, {"reason": ""}, {"reason": " "}, {"reason": "x" * 501}):
        assert api.post(f"{place}/hide", reason, token=admin).json["errors"].keys() == {"reason"}
    assert rows() == before
    assert api.post(f"{place}/hide", {"reason": "Rude."}, token=admin).json["status_reason"] == "Rude."
    told = db.session.execute(select(AuditEntry.action, AuditEntry.after).order_by(AuditEntry.id)).all()
    db.session.rollback()
    assert [tuple(one) for one in told] == [("testimonials.hidden", {"status": "hidden", "has_reason": True})] * 2
    assert api.post(f"{place}/publish", {}, token=admin).json["status"] == "published"
    assert "status_reason" not in api.get(place).json


def test_one_person_has_five(api: Api) -> None:
    """409 for the sixth; who deletes one, whichever, may write another. Others are not held back."""
    author = make_user()
    token = token_for(author)
    written = [api.post(PATH, WORDS, token=token).json["id"] for _ in range(5)]
    before = rows()
    answer = api.post(PATH, WORDS, token=token)
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_testimonials")
    assert rows() == before
    assert api.post(PATH, WORDS, token=token_for(make_user())).status_code == 201
    api.delete(f"{PATH}/{written[2]}", token=token)
    assert api.post(PATH, WORDS, token=token).status_code == 201
    assert api.post(PATH, WORDS, token=token).status_code == 409


@refused_by_shape
@each_case(
    ("fields", "field"),
    [
        *(({"rating": rating}, "rating") for rating in (0, 6, 4.5, "5", None, -1, 10**9, True)),
        *(({"content": content}, "content") for content in ("", "  ", "\u200b", "x" * 2001, None, 7)),
        ({"status": "published"}, "status"),
        ({"user_id": 1}, "user_id"),
        ({"author_name": "The Times"}, "author_name"),
    ],
)
@each_case("method", ["POST", "PUT", "PATCH"])
def test_shapes_that_cannot_be(api: Api, method: str, fields: dict[str, Any], field: str) -> None:
    """422 with the field named, at every door; nothing is written."""
    author = make_user()
    said = make_testimonial(author)
    before = rows()
    place = PATH if method == "POST" else f"{PATH}/{said.id}"
    answer = api.call(method, place, json=WORDS | fields, token=token_for(author))
    assert (answer.status_code, answer.json["errors"].keys()) == (422, {field})
    assert rows() == before


def test_who_sees_what_in_lists(api: Api) -> None:
    """The published; what waits or is hidden: one's own, admins all; `mine`: one's own, whatever its status."""
    author, other, admin = make_user(), make_user(), make_user(Role.ADMIN)
    words = list(models.TestimonialStatus)
    own = {word: make_testimonial(author, number=n, status=word).id for n, word in enumerate(words, start=1)}
    theirs = {word: make_testimonial(other, number=n, status=word).id for n, word in enumerate(words, start=1)}
    for word in models.TestimonialStatus:
        both, status = [theirs[word], own[word]], word.value
        is_public = word is models.TestimonialStatus.PUBLISHED
        assert ids(api, status=status) == (both if is_public else [])
        assert ids(api, author, status=status) == (both if is_public else [own[word]])
        assert ids(api, admin, status=status) == both
        assert ids(api, author, status=status, mine="true") == [own[word]]
    assert set(ids(api, author, mine="true")) == set(own.values())
    assert (ids(api, mine="true"), ids(api, admin, mine="true")) == ([], [])


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "rating", "-rating"])
def test_every_page_once(api: Api, sort: str) -> None:
    """PG-01: many of one moment and few stars, three by three."""
    made = [make_testimonial(make_user(), rating=1 + n % 2) for n in range(11)]
    with clock.frozen(NOW + timedelta(days=1)):
        made.append(make_testimonial(make_user()))
    seen: list[int] = []
    query: dict[str, Any] = {"sort": sort, "limit": 3}
    while query:
        page = api.get(PATH, query=query).json
        seen += [one["id"] for one in page["items"]]
        query = query | {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
    order = sorted(made, key=lambda one: (one.rating if "rating" in sort else 0, one.id), reverse=sort[0] == "-")
    assert seen == [one.id for one in order]


@refused_by_shape
@pytest.mark.parametrize(
    "query", [{"rating": "0"}, {"rating": "x"}, {"status": "gone"}, {"mine": "yes"}, {"sort": "name"}], ids=str
)
def test_filters_that_cannot_be(api: Api, query: dict[str, str]) -> None:
    """422 with the field named."""
    assert api.get(PATH, query=query).json["errors"].keys() == query.keys()


@pytest.mark.parametrize("size", [1, 3, 30])
def test_a_list_costs_one_statement(api: Api, count_statements: CountStatements, size: int) -> None:
    """Names included, however many there are."""
    for _ in range(size):
        make_testimonial(make_user())
    with count_statements() as statements:
        assert len(ids(api, limit=100, rating=5)) == size
    assert len(statements) == 1
