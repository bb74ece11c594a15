"""What becomes of what was paid ahead when its buyer is somebody else, or wants to know everything."""

from typing import Any

from flask import Flask

from app.models import User
from app.transactions import transaction
from app.users.events import exporting, walk_in_claimed
from tests.api import Api
from tests.factories import make_service, make_user, token_for
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


def _exported(user: User) -> dict[str, Any]:
    with transaction():
        parts = [part for _, part in exporting.send(user)]
    return {kind: part[kind] for part in parts for kind in ("gift_cards", "packages") if kind in part}
