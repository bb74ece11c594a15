"""What becomes of what was paid ahead when its buyer is somebody else, or wants to know everything."""

from typing import Any

from flask import Flask

from app.models import User
from app.prepaid import service as prepaid
from app.prepaid.service import Because
from app.transactions import transaction
from app.users.events import exporting, walk_in_claimed
from tests.api import Api
from tests.factories import PASSWORD, PASSWORD_HASH, make_service, make_user, token_for
from tests.prepaid.bought import make_gift_card, make_package


def test_an_account_exports_its_own(api: Api) -> None:
    """With its codes; nobody else's."""
    ada = make_user()
    card, package = make_gift_card(ada), make_package(ada, make_service())
    make_gift_card(make_user())
    document = api.get("/api/users/me/export", token=token_for(ada)).json
    assert [one["id"] for one in document["gift_cards"]] == [card.id]
    assert document["gift_cards"][0]["code"].replace("-", "") == card.code
    assert [one["id"] for one in document["packages"]] == [package.id]


def test_a_walk_ins_become_the_accounts(app: Flask) -> None:
    """Cards and packages alike."""
    walk_in, account = make_user(), make_user()
    card, package = make_gift_card(walk_in), make_package(walk_in, make_service())
    with transaction():
        walk_in_claimed.send(walk_in, account=account)
    found: Any = _exported(account)
    assert [[one["id"] for one in found[kind]] for kind in ("gift_cards", "packages")] == [[card.id], [package.id]]
    assert not any(_exported(walk_in).values())


def test_who_has_visits_left_is_not_forgotten(api: Api) -> None:
    """409 naming the package, and nothing has changed; a gift card stays good for whoever has its code."""
    ada = make_user(password_hash=PASSWORD_HASH)
    card, package = make_gift_card(ada, value=1000), make_package(ada, make_service(), visits=1)
    token = token_for(ada)
    answer = api.post("/api/users/me/erase", {"password": PASSWORD}, token=token)
    assert (answer.status_code, answer.json["code"]) == (409, "packages_left")
    assert answer.json["packages"] == [{"package_id": package.id, "name": package.name, "visits": 1}]
    assert api.get("/api/users/me", token=token).json["email"] == ada.email
    with transaction():
        prepaid.spend_package(ada.id, package.service_id, Because("PY-1"))
    assert api.post("/api/users/me/erase", {"password": PASSWORD}, token=token).status_code == 204
    with transaction():
        assert prepaid.spend_gift_card(card.code, 1000, Because("PY-2")).balance_after == 0


def _exported(user: User) -> dict[str, Any]:
    with transaction():
        parts = [part for _, part in exporting.send(user)]
    return {kind: part[kind] for part in parts for kind in ("gift_cards", "packages") if kind in part}
