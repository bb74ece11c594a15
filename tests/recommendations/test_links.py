"""`/api/recommendations/links`: what the business links itself."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import AuditEntry, CuratedLink, ProductKind, Role
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import make_product, make_service, make_user, token_for
from tests.recommendations.house import LINKS

Body = dict[str, Any]


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


def ends() -> Body:
    """Return the body of a link from a new service to a new product."""
    return {
        "from": {"kind": "service", "id": make_service(name="Cut").id},
        "to": {"kind": "product", "id": make_product(name="Comb").id},
    }


def log() -> list[tuple[str, Any, Any]]:
    """Return what the audit log says of links."""
    with transaction():
        about = select(AuditEntry).where(AuditEntry.object_type == "curated_link").order_by(AuditEntry.id)
        return [(entry.action, entry.before, entry.after) for entry in db.session.scalars(about)]


def count() -> int:
    """Return how many links there are."""
    with transaction():
        return db.session.scalar(select(func.count()).select_from(CuratedLink)) or 0


def test_a_link_is_made_moved_and_removed(api: Api, admin: str) -> None:
    """And each of that stands in the log."""
    body = ends()
    made = api.post(LINKS, body, token=admin)
    assert made.status_code == 201
    assert made.json == {
        "id": made.json["id"],
        "from": body["from"] | {"name": "Cut"},
        "to": body["to"] | {"name": "Comb"},
        "position": 0,
        "created_at": made.json["created_at"],
    }
    path = made.headers["Location"]
    assert api.get(path, token=admin).json == made.json
    for _ in range(2):
        assert api.patch(path, {"position": 7}, token=admin).json == made.json | {"position": 7}
    assert api.patch(path, {}, token=admin).json["position"] == 7
    assert api.delete(path, token=admin).status_code == 204
    assert [api.call(method, path, token=admin).status_code for method in ("GET", "DELETE")] == [404, 404]
    assert api.patch(path, {"position": 1}, token=admin).status_code == 404
    told = {"from": f"service:{body['from']['id']}", "to": f"product:{body['to']['id']}"}
    assert log() == [
        ("recommendations.linked", None, told | {"position": 0}),
        ("recommendations.link_changed", {"position": 0}, {"position": 7}),
        ("recommendations.unlinked", told | {"position": 7}, None),
    ]


def test_links_are_listed_in_their_order(api: Api, admin: str, count_statements: CountStatements) -> None:
    """In as many statements for many as for one."""
    made = [api.post(LINKS, ends() | {"position": position}, token=admin).json for position in (3, 1, 2)]
    with count_statements() as seen:
        page = api.get(LINKS, query={"limit": 2}, token=admin).json
    assert len(seen) == 4
    assert page["items"] == [made[1], made[2]]
    rest = api.get(LINKS, query={"limit": 2, "cursor": page["next_cursor"]}, token=admin).json
    assert (rest["items"], rest["next_cursor"]) == ([made[0]], None)
    newest = api.get(LINKS, query={"sort": "-created_at"}, token=admin).json["items"]
    assert [one["id"] for one in newest] == sorted((one["id"] for one in made), reverse=True)


def new(kind: str) -> int:
    """Write a service or a product; return its id."""
    return make_service().id if kind == "service" else make_product().id


def test_all_four_kinds_of_links(api: Api, admin: str) -> None:
    for source in ("service", "product"):
        for target in ("service", "product"):
            body = {"from": {"kind": source, "id": new(source)}, "to": {"kind": target, "id": new(target)}}
            assert api.post(LINKS, body, token=admin).status_code == 201
            again = api.post(LINKS, body, token=admin)
            assert (again.status_code, again.json["code"]) == (409, "already_linked")
    assert count() == 4


def refusals() -> dict[str, tuple[Body, int, str]]:
    """Return what is refused: body, status, field."""
    good = ends()
    service, product = good["from"], good["to"]
    gone = {"kind": "service", "id": make_service(active=False).id}
    card = {"kind": "product", "id": make_product(kind=ProductKind.GIFT_CARD).id}
    return {
        "itself": ({"from": service, "to": service}, 422, "to"),
        "nothing": ({"from": service, "to": {"kind": "product", "id": 2**62}}, 404, "to.id"),
        "nobody": ({"from": {"kind": "service", "id": 2**62}, "to": product}, 404, "from.id"),
        "retired": ({"from": service, "to": gone}, 422, "to.id"),
        "from what is retired": ({"from": gone, "to": product}, 422, "from.id"),
        "a gift card": ({"from": service, "to": card}, 422, "to.id"),
        "a space": ({"from": service, "to": {"kind": "space", "id": 1}}, 422, "to.kind"),
        "no end": ({"from": service}, 422, "to"),
        "too far down": (good | {"position": 10_001}, 422, "position"),
        "above all": (good | {"position": -1}, 422, "position"),
        "unknown": (good | {"weight": 1}, 422, "weight"),
    }


@each_case(
    "what",
    [
        "itself",
        "nothing",
        "nobody",
        "retired",
        "from what is retired",
        "a gift card",
        "a space",
        "no end",
        "too far down",
        "above all",
        "unknown",
    ],
)
def test_what_cannot_be_linked(api: Api, admin: str, what: str) -> None:
    """The field is named, and nothing is written."""
    body, status, field = refusals()[what]
    answer = api.post(LINKS, body, token=admin)
    flat = str(answer.json["errors"])
    assert (answer.status_code, field.partition(".")[0] in flat) == (status, True), answer.json
    assert list(answer.json["errors"]) == [field]
    assert (count(), log()) == (0, [])
