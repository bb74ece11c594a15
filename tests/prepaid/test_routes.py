"""`/api/gift-cards` and `/api/packages`: one's own, or all of them; and what is on the card of a code."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.kit import clock
from app.models import GiftCard, Package, ProductKind, Role, User
from app.prepaid import service as prepaid
from app.prepaid.service import Because
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements, make_application
from tests.factories import make_product, make_service, make_user, token_for
from tests.prepaid.bought import issue, make_gift_card, make_package, make_paid_order

NOW = datetime(2030, 1, 7, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def monday(app: Flask) -> Iterator[None]:
    """Stop the clock."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def ada(app: Flask) -> User:
    """A client."""
    return make_user()


def listed(api: Api, path: str, who: User, **query: Any) -> list[int]:
    """Return the ids that somebody is shown."""
    answer = api.get(path, query=query, token=token_for(who))
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json["items"]]


def dashed(code: str) -> str:
    """Return a code as people read it."""
    return "-".join(code[at : at + 4] for at in range(0, 16, 4))


def test_a_gift_card_as_its_buyer_sees_it(api: Api, ada: User) -> None:
    """Everything that was agreed, as it was when it was bought."""
    product = make_product(
        kind=ProductKind.GIFT_CARD, card_amount=5000, price_amount=4500, valid_days=365, name="Treat"
    )
    order = make_paid_order(ada, product)
    (card,) = issue(order).gift_cards
    currency = card.currency
    assert api.get(f"/api/gift-cards/{card.id}", token=token_for(ada)).json == {
        "id": card.id,
        "order_id": order.id,
        "product_id": product.id,
        "name": "Treat",
        "client_id": ada.id,
        "code": dashed(card.code),
        "value": {"amount": 5000, "currency": currency},
        "balance": {"amount": 5000, "currency": currency},
        "status": "active",
        "expires_at": "2031-01-07T09:00:00Z",
        "created_at": "2030-01-07T09:00:00Z",
    }


def test_a_package_as_its_client_sees_it(api: Api, ada: User) -> None:
    """Visits, and how many are left."""
    service = make_service()
    package = make_package(ada, service, visits=3, valid_days=10, price_amount=9000)
    with transaction():
        prepaid.spend_package(ada.id, service.id, Because("PY-1", reason="Haircut"))
    token = token_for(ada)
    shown = api.get(f"/api/packages/{package.id}", token=token).json
    assert (shown["visits"], shown["visits_left"], shown["service_id"], shown["status"]) == (3, 2, service.id, "active")
    assert (shown["price"]["amount"], shown["expires_at"]) == (9000, "2030-01-17T09:00:00Z")
    moved = api.get(f"/api/packages/{package.id}/movements", token=token).json["items"]
    assert [(one["kind"], one["change"], one["balance_after"], one["reference"], one["reason"]) for one in moved] == [
        ("issue", 3, 3, "", ""),
        ("spend", -1, 2, "PY-1", "Haircut"),
    ]


def test_one_sees_ones_own_and_the_desk_all(api: Api, ada: User) -> None:
    """Others get 404, and staff filter by client and order."""
    eve, clerk, admin, owner = make_user(), make_user(Role.STAFF), make_user(Role.ADMIN), make_user(Role.OWNER)
    cards = [make_gift_card(ada), make_gift_card(eve), make_gift_card(None)]
    packages = [make_package(ada, make_service()), make_package(eve, make_service())]
    things: tuple[tuple[str, list[GiftCard] | list[Package]], ...] = (("gift-cards", cards), ("packages", packages))
    for room, made in things:
        path, ids = f"/api/{room}", [one.id for one in made]
        for desk in (clerk, admin):
            assert sorted(listed(api, path, desk)) == ids
            assert listed(api, path, desk, client_id=eve.id) == [ids[1]]
            assert listed(api, path, desk, order_id=made[0].order_id) == [ids[0]]
        assert (listed(api, path, ada), listed(api, path, owner)) == ([ids[0]], [])
        assert listed(api, path, ada, client_id=eve.id) == []
        for tail in ("", "/movements"):
            assert api.get(f"{path}/{ids[1]}{tail}", token=token_for(ada)).status_code == 404
            assert api.get(f"{path}/{ids[1]}{tail}", token=token_for(clerk)).status_code == 200


def test_a_code_is_not_everybodys(api: Api, ada: User) -> None:
    """Its buyer, its seller and admins read it; other staff see which card it is."""
    seller, clerk, admin = make_user(Role.STAFF), make_user(Role.STAFF), make_user(Role.ADMIN)
    order = make_paid_order(ada, make_product(kind=ProductKind.GIFT_CARD), sold_by=seller.id)
    (card,) = issue(order).gift_cards
    for who in (ada, seller, admin):
        assert api.get(f"/api/gift-cards/{card.id}", token=token_for(who)).json["code"] == dashed(card.code)
    hidden = api.get("/api/gift-cards", token=token_for(clerk)).json["items"][0]["code"]
    assert hidden == f"••••-••••-••••-{card.code[-4:]}"


def test_which_may_be_used(api: Api, ada: User) -> None:
    """Neither empty, nor void, nor past its time."""
    with clock.frozen(NOW - 10 * DAY):
        expired = make_gift_card(ada, valid_days=5)
    spent, void, good = make_gift_card(ada, 100), make_gift_card(ada), make_gift_card(ada)
    with transaction():
        prepaid.spend_gift_card(spent.code, 100, Because("PY-1"))
        prepaid.void_order(void.order_id, Because())
    assert listed(api, "/api/gift-cards", ada, usable="true") == [good.id]
    useless = [void.id, spent.id, expired.id]
    assert listed(api, "/api/gift-cards", ada, usable="false") == useless
    token = token_for(ada)
    answers = [api.get(f"/api/gift-cards/{one}", token=token).json["status"] for one in (*useless, good.id)]
    assert answers == ["void", "spent", "expired", "active"]


@each_case(
    ("query", "field"),
    [
        ({"usable": "yes"}, "usable"),
        ({"client_id": "x"}, "client_id"),
        ({"sort": "code"}, "sort"),
        ({"page": 1}, "page"),
    ],
)
def test_bad_queries(api: Api, ada: User, query: dict[str, Any], field: str) -> None:
    """422 with the field named."""
    for path in ("/api/gift-cards", "/api/packages"):
        answer = api.get(path, query=query, token=token_for(ada))
        assert answer.status_code == 422
        assert field in answer.json["errors"]


def test_what_is_on_a_card(api: Api, ada: User) -> None:
    """Told to whoever has the code, typed as one likes; who bought it is not."""
    card, token = make_gift_card(make_user(), 700, valid_days=1), token_for(ada)
    for typed in (card.code, dashed(card.code).lower(), f" {card.code[:8]} {card.code[8:]} "):
        answer = api.post("/api/gift-cards/balance", {"code": typed}, token=token)
        assert answer.json == {
            "balance": {"amount": 700, "currency": card.currency},
            "status": "active",
            "expires_at": "2030-01-08T09:00:00Z",
        }
    with clock.frozen(NOW + DAY):
        answer = api.post("/api/gift-cards/balance", {"code": card.code}, token=token_for(ada))
        assert answer.json["status"] == "expired"


@each_case("code", ["ABCD", "2222-2222-2222-2222", "' OR 1=1 --", "é" * 16])
def test_an_unknown_code_is_answered_alike(api: Api, ada: User, count_statements: CountStatements, code: str) -> None:
    """404, after the same statements as a known one: the time does not tell how near a guess was."""
    card, token = make_gift_card(), token_for(ada)
    with count_statements() as known:
        assert api.post("/api/gift-cards/balance", {"code": card.code}, token=token).status_code == 200
    with count_statements() as unknown:
        answer = api.post("/api/gift-cards/balance", {"code": code}, token=token)
    assert (answer.status_code, list(answer.json["errors"])) == (404, ["code"])
    assert known == unknown


@each_case("code", [None, 5, "", " ", "x" * 65, ["x"]])
def test_what_is_no_code(api: Api, ada: User, code: Any) -> None:
    """422."""
    answer = api.post("/api/gift-cards/balance", {"code": code}, token=token_for(ada))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["code"])


@pytest.mark.databases("sqlite")
def test_guesses_are_limited_as_passwords_are(app: Flask, ada: User) -> None:
    """By account and by address, known codes and others alike."""
    card, token = make_gift_card(), token_for(ada)
    limits = {"RATELIMIT_ENABLED": "true"}
    limited = make_application(app.config["SQLALCHEMY_DATABASE_URI"], **limits)
    api = Api(limited.test_client())
    codes = [card.code, "2222-2222-2222-2222"] * 6
    answers = [api.post("/api/gift-cards/balance", {"code": code}, token=token) for code in codes]
    assert [answer.status_code for answer in answers] == [200, 404] * 5 + [429, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_lists_cost_two_statements(api: Api, ada: User, count_statements: CountStatements) -> None:
    """The token's and the page's, however many there are; a page goes on where the last one ended."""
    issue(make_paid_order(ada, make_product(kind=ProductKind.GIFT_CARD), quantity=25))
    issue(make_paid_order(ada, make_product(kind=ProductKind.PACKAGE), quantity=25))
    token = token_for(ada)
    for path in ("/api/gift-cards", "/api/packages"):
        with count_statements() as statements:
            first = api.get(path, query={"limit": 20}, token=token).json
        assert (len(first["items"]), len(statements)) == (20, 2)
        rest = api.get(path, query={"limit": 20, "cursor": first["next_cursor"]}, token=token).json
        assert len({item["id"] for item in (*first["items"], *rest["items"])}) == 25
        assert rest["next_cursor"] is None
