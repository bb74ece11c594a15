"""`GET /api/reviews`, and those under a service, a staff member and a space."""

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from app.extensions import db
from app.kit import clock
from app.models import Review, ReviewStatus, Role, Service, Staff, User
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import (
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
from tests.reviews.talk import NOW, REVIEWS

NOTHING = {"count": 0, "average": None, "histogram": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}}
STARS = (5, 1, 4, 5, 3, 5)


def said(service: Service, staff: Staff, stars: tuple[int, ...] = STARS, author: User | None = None) -> list[Review]:
    """Review the service as often as stars are given, a minute apart."""
    minutes = count()
    made = []
    for rating in stars:
        with clock.frozen(NOW + timedelta(minutes=next(minutes))):
            made.append(make_review(make_visit(author or make_user(), service, staff=staff), rating))
    return made


def ids(answer: Any) -> list[int]:
    """Return the ids of a page."""
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["items"]]


def test_nothing_is_said_yet(api: Api) -> None:
    assert api.get(REVIEWS).json == {"items": [], "next_cursor": None, "summary": NOTHING}


def test_by_subject_and_stars(api: Api) -> None:
    """What is asked for, the newest first. The summary is of all that is named, however many stars are asked for."""
    cut, colour, jo, al, space = make_service(), make_service(), make_staff(), make_staff(), make_space()
    mine = [one.id for one in said(cut, jo)][::-1]
    others = [one.id for one in said(colour, jo, (2,)) + said(cut, al, (4,))]
    with clock.frozen(NOW - timedelta(days=1)):
        let = make_review(make_letting(make_user(), space), 1)
    summary = {"count": 7, "average": 3.86, "histogram": {"1": 1, "2": 0, "3": 1, "4": 2, "5": 3}}
    both = {"count": 6, "average": 3.83, "histogram": {"1": 1, "2": 0, "3": 1, "4": 1, "5": 3}}
    for query, expected, told in (
        ({"service_id": cut.id}, {*mine, others[1]}, summary),
        ({"service_id": cut.id, "rating": 5}, {mine[0], mine[2], mine[5]}, summary),
        ({"service_id": cut.id, "staff_id": jo.id}, {*mine}, both),
        ({"service_id": cut.id, "staff_id": jo.id, "rating": 1}, {mine[4]}, both),
        ({"space_id": space.id}, {let.id}, None),
        ({"space_id": space.id, "staff_id": jo.id}, set(), NOTHING),
        ({"staff_id": al.id}, {others[1]}, None),
        ({}, {*mine, *others, let.id}, None),
        ({"rating": 1}, {mine[4], let.id}, None),
    ):
        answer = api.get(REVIEWS, query=query)
        assert set(ids(answer)) == expected, query
        assert told is None or answer.json["summary"] == told, query
    assert ids(api.get(REVIEWS, query={"service_id": cut.id, "staff_id": jo.id})) == mine
    assert api.get(REVIEWS).json["summary"]["histogram"] == {"1": 2, "2": 1, "3": 1, "4": 2, "5": 3}
    assert api.get(f"/api/services/{cut.id}/reviews").json == api.get(REVIEWS, query={"service_id": cut.id}).json
    assert api.get(f"/api/staff/{jo.id}/reviews").json == api.get(REVIEWS, query={"staff_id": jo.id}).json
    assert api.get(f"/api/spaces/{space.id}/reviews").json == api.get(REVIEWS, query={"space_id": space.id}).json


def test_a_space_is_no_staff_member(api: Api) -> None:
    """They share their ids; lists do not mix them up."""
    staff, space = make_staff(), make_space()
    make_review(make_letting(make_user(), space))
    make_review(make_visit(make_user(), make_service(), staff=staff))
    for query in ({"staff_id": space.id}, {"space_id": staff.id}):
        answer = api.get(REVIEWS, query=query)
        assert (answer.json["items"], answer.json["summary"]) == ([], NOTHING)
    assert api.get(f"/api/staff/{space.id}/reviews").status_code == 404
    assert api.get(f"/api/spaces/{staff.id}/reviews").status_code == 404


def test_what_does_not_exist(api: Api) -> None:
    """404 in the path; in a filter, nothing matches. Who has left is seen by who works here."""
    assert api.get("/api/services/999/reviews").status_code == 404
    assert api.get(REVIEWS, query={"service_id": 999}).json["summary"] == NOTHING
    gone = make_staff(active=False)
    make_review(make_visit(make_user(), make_service(active=False), staff=gone))
    assert api.get(f"/api/staff/{gone.id}/reviews").status_code == 404
    assert len(ids(api.get(f"/api/staff/{gone.id}/reviews", token=token_for(make_user(Role.STAFF))))) == 1
    assert len(ids(api.get(REVIEWS))) == 1


@pytest.mark.parametrize("about", [True, False])
@pytest.mark.parametrize("sort", ["created_at", "-created_at", "rating", "-rating"])
def test_every_page_once(api: Api, sort: str, *, about: bool) -> None:
    """PG-01: however many share a place in the order, pages of three show each exactly once, in that order."""
    service, staff = make_service(), make_staff()
    made = [make_review(make_visit(make_user(), service, staff=staff), 1 + n % 3) for n in range(20)]
    query = {"sort": sort, "limit": 3} | ({"service_id": service.id} if about else {})
    seen, cursor = [], None
    while True:
        page = api.get(REVIEWS, query=query | ({"cursor": cursor} if cursor else {}))
        seen += ids(page)
        cursor = page.json["next_cursor"]
        if cursor is None:
            break
    order = sorted(made, key=lambda one: (one.rating if "rating" in sort else 0, one.id), reverse=sort[0] == "-")
    assert seen == [one.id for one in order]


def test_a_reader_while_others_write(api: Api) -> None:
    """PG-02, PG-04: what was there all along is seen exactly once, whatever is added, removed, or given other stars."""
    service, staff = make_service(), make_staff()
    made = said(service, staff, (1, 2, 3, 4, 5) * 3)
    admin = token_for(make_user(Role.ADMIN))
    seen, cursor, gone = Counter[int](), None, made[::5]
    for nth in count():
        page = api.get(REVIEWS, query={"service_id": service.id, "limit": 4} | ({"cursor": cursor} if cursor else {}))
        seen.update(ids(page))
        cursor = page.json["next_cursor"]
        if cursor is None:
            break
        with clock.frozen(NOW + timedelta(hours=1 + nth)):
            make_review(make_visit(make_user(), service, staff=staff), 3)
        api.delete(f"{REVIEWS}/{gone[nth % len(gone)].id}", token=admin)
        api.patch(f"{REVIEWS}/{made[nth + 1].id}", {"rating": 1}, token=admin)
    stayed = [one.id for one in made if one not in gone]
    assert [seen[one] for one in stayed] == [1] * len(stayed)


def test_a_cursor_belongs_to_its_list(api: Api) -> None:
    """That of all reviews does not go on in those of a service, nor in another order."""
    service = make_service()
    said(service, make_staff())
    cursor = api.get(REVIEWS, query={"limit": 2}).json["next_cursor"]
    for query in ({"service_id": service.id}, {"sort": "rating"}, {"sort": "created_at"}):
        answer = api.get(REVIEWS, query=query | {"limit": 2, "cursor": cursor})
        assert (answer.status_code, answer.json["errors"].keys()) == (422, {"cursor"})


def test_totals(api: Api) -> None:
    """They count what matches; the summary, what is named."""
    service = make_service()
    said(service, make_staff())
    answer = api.get(REVIEWS, query={"service_id": service.id, "rating": 5, "include_total": "true", "limit": 1}).json
    assert (answer["total"], answer["summary"]["count"]) == (3, 6)


def test_hidden_ones_are_for_their_authors_and_admins(api: Api) -> None:
    """`status=hidden` shows one's own, admins all; `mine` one's own, whatever their status."""
    author, admin, service, staff = make_user(), make_user(Role.ADMIN), make_service(), make_staff()
    seen = make_review(make_visit(author, service, staff=staff))
    own = make_review(make_visit(author, service, staff=staff), 1, status=ReviewStatus.HIDDEN)
    others = make_review(make_visit(make_user(), service, staff=staff), 1, status=ReviewStatus.HIDDEN)
    hidden, mine = {"status": "hidden"}, {"mine": "true"}
    stranger = make_user()
    for who, query, expected in (
        (None, hidden, []),
        (None, mine, []),
        (stranger, hidden, []),
        (stranger, mine, []),
        (author, hidden, [own.id]),
        (author, mine, [own.id, seen.id]),
        (author, mine | hidden, [own.id]),
        (author, {}, [seen.id]),
        (admin, hidden, [others.id, own.id]),
        (admin, mine, []),
        (admin, {}, [seen.id]),
        (admin, hidden | {"service_id": service.id}, [others.id, own.id]),
    ):
        answer = api.get(REVIEWS, query=query, token=token_for(who) if who else None)
        assert ids(answer) == expected, (who, query)
        assert answer.json["summary"]["count"] == 1
        own_ones = {one["id"] for one in answer.json["items"] if "booking_id" in one}
        assert own_ones == ({one["id"] for one in answer.json["items"]} if who in {author, admin} else set())


@each_case(
    "query",
    [
        {"rating": "0"}, {"rating": "6"}, {"rating": "4.5"}, {"service_id": "x"}, {"staff_id": "0"}, {"space_id": "-1"},
        {"status": "gone"}, {"mine": "1"}, {"sort": "comment"}, {"limit": "101"}, {"cursor": "x"},
    ],
)  # fmt: skip
def test_filters_that_cannot_be(api: Api, query: dict[str, str]) -> None:
    """422 with the field named."""
    answer = api.get(REVIEWS, query=query)
    assert (answer.status_code, answer.json["errors"].keys()) == (422, query.keys())


def test_readers_may_keep_what_they_have(api: Api) -> None:
    """A weak ETag; 304 while nothing is said, 200 when somebody has replied."""
    service = make_service()
    (review,) = said(service, make_staff(), (5,))
    path, known = "", {}
    for path in (REVIEWS, f"{REVIEWS}/{review.id}", f"/api/services/{service.id}/reviews"):
        first = api.get(path)
        known = {"If-None-Match": first.headers["ETag"]}
        assert (first.headers["Cache-Control"], api.get(path, headers=known).status_code) == ("public, no-cache", 304)
    api.post(f"{REVIEWS}/{review.id}/reply", {"text": "Thanks"}, token=token_for(make_user(Role.ADMIN)))
    assert api.get(path, headers=known).status_code == 200


@pytest.mark.parametrize("hidden", [False, True])
def test_no_cache_keeps_what_is_personal(api: Api, *, hidden: bool) -> None:
    """What somebody wrote, a hidden review, lists in which some see more: no-store for who is signed in."""
    author, admin = make_user(), make_user(Role.ADMIN)
    status = ReviewStatus.HIDDEN if hidden else ReviewStatus.PUBLISHED
    review = make_review(make_letting(author, make_space()), status=status)
    said = make_testimonial(author)
    for path in (
        f"{REVIEWS}?mine=true",
        f"{REVIEWS}/{review.id}",
        f"{REVIEWS}?status=hidden",
        "/api/testimonials?mine=true",
        f"/api/testimonials/{said.id}",
        "/api/spaces",
    ):
        for who in (author, admin):
            answer = api.get(path, token=token_for(who))
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), path


def test_names_are_short_and_addresses_absent(api: Api) -> None:
    """AZ-10: a first name and an initial; a single name as it is."""
    service, staff = make_service(), make_staff()
    for first_name, last_name in (("Ada", "Lovelace"), ("Plato", ""), ("愛", "李")):
        author = make_user(first_name=first_name, last_name=last_name)
        make_review(make_visit(author, service, staff=staff))
    answer = api.get(REVIEWS)
    assert {one["author_name"] for one in answer.json["items"]} == {"Ada L.", "Plato", "愛 李."}
    assert "@" not in answer.text


@pytest.mark.parametrize("size", [1, 3, 30])
def test_a_list_costs(api: Api, count_statements: CountStatements, size: int) -> None:
    """The page with its authors, what they are about, and the summary: three statements, however many there are."""
    service, staff, space = make_service(), make_staff(), make_space()
    said(service, staff, (4,) * size)
    make_review(make_letting(make_user(), space))
    for query in ({}, {"service_id": service.id}, {"service_id": service.id, "staff_id": staff.id, "rating": 4}):
        with count_statements() as statements:
            assert len(ids(api.get(REVIEWS, query=query | {"limit": 100}))) >= size
        assert len(statements) == 3, "\n\n".join(statements)


@pytest.mark.databases("postgresql")  # whose plans can be read
@each_case(
    ("query", "index"),
    [
        ({"sort": "-created_at"}, "ix_reviews_created_at"),
        ({"sort": "rating"}, "ix_reviews_rating"),
        ({"sort": "-rating"}, "ix_reviews_rating"),
        ({"service_id": 1, "sort": "-created_at"}, "ix_review_subjects_service_id"),
        ({"service_id": 1, "sort": "rating"}, "ix_review_subjects_service_id_rating"),
        ({"staff_id": 1, "sort": "-created_at"}, "ix_review_subjects_resource_id"),
        ({"space_id": 1, "sort": "-rating"}, "ix_review_subjects_resource_id_rating"),
    ],
)
def test_every_list_has_its_index(
    api: Api, count_statements: CountStatements, query: dict[str, Any], index: str
) -> None:
    """In the order asked for, without sorting."""
    with count_statements():
        from app.reviews import queries  # noqa: PLC0415

        filters = queries.Filters(**{name: value for name, value in query.items() if name != "sort"})
        columns, key = queries.sorts(filters)
    column = columns[query["sort"].lstrip("-")]
    order = (column.desc(), key.desc()) if query["sort"][0] == "-" else (column, key)
    found = queries.reviews(None, filters).order_by(*order).limit(21)
    plain = found.compile(db.engine, compile_kwargs={"literal_binds": True})
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    db.session.execute(text("SET LOCAL enable_sort = off"))
    plan = "\n".join(db.session.scalars(text(f"EXPLAIN {plain}")))
    db.session.rollback()
    assert f"using {index} " in plan, plan
    assert "Sort" not in plan, plan
