"""`GET /api/orders`: who sees what, filtered, sorted, page by page."""

from datetime import timedelta
from typing import Any

import pytest

from app.kit import clock
from app.models import Product, Role, User
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_product, make_user, token_for
from tests.orders.till import NOW, ORDERS, cancel, fulfil, order, sell


@pytest.fixture
def oil(app: object) -> Product:
    """Plenty of it."""
    return make_product(1000, price_amount=100)


def listed(api: Api, who: User, **query: Any) -> list[int]:
    """Return the ids that a list shows."""
    answer = api.get(ORDERS, query=query, token=token_for(who))
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["items"]]


def test_who_sees_what(api: Api, ada: User, eve: User, clerk: User, admin: User, oil: Product) -> None:
    """Everybody their own; staff and admins all."""
    owner = make_user(Role.OWNER)
    made = {who.id: order(api, who, (oil, 1)).json["id"] for who in (ada, eve, owner)}
    sold = sell(api, clerk, (oil, 1)).json["id"]
    for who in (ada, eve, owner):
        assert listed(api, who) == [made[who.id]]
        others = {*made.values(), sold} - {made[who.id]}
        for other in others:
            for rest in ("", "/history"):
                assert api.get(f"{ORDERS}/{other}{rest}", token=token_for(who)).status_code == 404
    for who in (clerk, admin):
        assert set(listed(api, who)) == {*made.values(), sold}
        assert listed(api, who, client_id=eve.id) == [made[eve.id]]
    assert listed(api, ada, client_id=eve.id) == []


def test_filters(api: Api, ada: User, clerk: User, oil: Product) -> None:
    """Each by itself, several values of one, and together."""
    plain, ready, done, over = (order(api, ada, (oil, n)).json["id"] for n in (1, 2, 3, 4))
    fulfil(api, clerk, ready, "ready")
    fulfil(api, clerk, done, "fulfilled")
    cancel(api, ada, over)
    sold = sell(api, clerk, (oil, 5), client_id=ada.id).json["id"]
    expected: list[tuple[dict[str, Any], set[int]]] = [
        ({"status": "open"}, {plain, ready, done}),
        ({"status": ["cancelled", "completed"]}, {over, sold}),
        ({"payment_status": "paid"}, {sold}),
        ({"payment_status": "unpaid"}, {plain, ready, done, over}),
        ({"fulfilment_status": "ready"}, {ready}),
        ({"fulfilment_status": ["ready", "fulfilled"]}, {ready, done, sold}),
        ({"channel": "in_person"}, {sold}),
        ({"channel": "online", "status": "open", "fulfilment_status": "unfulfilled"}, {plain}),
        ({"status": "expired"}, set()),
    ]
    for query, ids in expected:
        assert set(listed(api, ada, **query)) == set(listed(api, clerk, **query)) == ids, query
    assert listed(api, ada, sort="total") == [plain, ready, done, over, sold]
    assert listed(api, ada, sort="-total", status="open") == [done, ready, plain]


def test_days_are_days_of_the_business(api: Api, ada: User, oil: Product) -> None:
    """In Nairobi it is three hours later."""
    made = []
    for hour in (20, 21, 45):  # of Monday the 7th, UTC: 23:00, and midnights
        with clock.frozen(NOW.replace(hour=0) + timedelta(hours=hour)):
            made.append(order(api, ada, (oil, 1)).json["id"])
    assert listed(api, ada, sort="created_at", **{"from": "2030-01-07", "to": "2030-01-07"}) == made[:1]
    assert listed(api, ada, sort="created_at", **{"from": "2030-01-08"}) == made[1:]
    assert listed(api, ada, sort="created_at", to="2030-01-08") == made[:2]


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "total", "-total"])
def test_page_by_page(api: Api, ada: User, clerk: User, oil: Product, sort: str) -> None:
    """All of them, once each, ties and all; the total is asked for."""
    made = [order(api, ada, (oil, 1 + n // 3)).json["id"] for n in range(7)]
    for who in (ada, clerk):
        seen: list[int] = []
        query: dict[str, Any] = {"limit": 3, "sort": sort, "include_total": "true"}
        while True:
            page = api.get(ORDERS, query=query, token=token_for(who)).json
            assert page["total"] == 7
            seen += [one["id"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert seen == (made[::-1] if sort.startswith("-") else made)


@each_case(
    ("query", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"payment_status": "owed"}, "payment_status"),
        ({"fulfilment_status": "sent"}, "fulfilment_status"),
        ({"channel": "mail"}, "channel"),
        ({"from": "2030-01-08", "to": "2030-01-07"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"client_id": "x"}, "client_id"),
        ({"sort": "reference"}, "sort"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"page": "2"}, "page"),
    ],
)
def test_bad_queries(api: Api, ada: User, query: dict[str, str], field: str) -> None:
    answer = api.get(ORDERS, query=query, token=token_for(ada))
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_the_history_is_a_list(api: Api, ada: User, clerk: User, oil: Product) -> None:
    """Page by page as well; with who did what."""
    made = order(api, ada, (oil, 1)).json["id"]
    fulfil(api, clerk, made, "ready")
    first = api.get(f"{ORDERS}/{made}/history", query={"limit": 1}, token=token_for(clerk)).json
    assert (first["items"][0]["step"], first["items"][0]["actor_id"]) == ("create", ada.id)
    rest = api.get(f"{ORDERS}/{made}/history", query={"cursor": first["next_cursor"]}, token=token_for(clerk)).json
    assert [(one["step"], one["actor_id"], one["fulfilment_status"]) for one in rest["items"]] == [
        ("fulfil", clerk.id, "ready")
    ]
