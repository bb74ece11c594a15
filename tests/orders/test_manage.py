"""Links by which clients look after an order without signing in: signed, theirs alone, harmless to follow."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.bookings.manage.tokens import BOOKING_LINKS
from app.extensions import db
from app.kit import clock
from app.kit.keys import derive_key
from app.models import Booking, Order, Product, ProductKind, Role, User
from app.orders.manage.tokens import ORDER_LINKS
from app.orders.service import record_payment, take_back
from app.security.actor import Actor
from app.transactions import transaction
from app.web import openapi
from tests.access.world import link_to_order
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements, make_application
from tests.factories import (
    PASSWORD,
    PASSWORD_HASH,
    make_booking,
    make_product,
    make_service,
    make_staff,
    make_user,
    token_for,
)
from tests.orders.till import NOW, ORDERS, everything, fulfil, order, sell, steps_of, stock_of

MONTH = timedelta(days=30)
LAPSES = NOW + timedelta(minutes=30)
SECOND = timedelta(seconds=1)
BOOKINGS = "/api/bookings"


@pytest.fixture
def oil(app: Flask) -> Product:
    """What is bought."""
    return make_product(5)


@pytest.fixture
def made(api: Api, ada: User, oil: Product) -> dict[str, Any]:
    """Three bottles of oil."""
    found: dict[str, Any] = order(api, ada, (oil, 3)).json
    return found


def link(made: dict[str, Any]) -> str:
    """Return the path of an order's link, as a mail of this moment would have it."""
    return f"{ORDERS}/manage/{link_to_order(made['id'])}"


def pay(made: dict[str, Any]) -> None:
    """Let all of the money come."""
    with transaction():
        record_payment(made["id"], made["total"]["amount"])


def gone(api: Api, path: str) -> None:
    """Check that a link opens nothing, by no method, and changes nothing."""
    before = everything()
    for method, rest in (("GET", ""), ("POST", "/cancel")):
        answer = api.call(method, path + rest, json={} if rest else None)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found"), answer.json
    assert everything() == before


def test_what_it_shows(api: Api, ada: User, made: dict[str, Any]) -> None:
    """The order, and what can be done to it; no cache keeps it, and nothing changes."""
    path, before = link(made), everything()
    answer = api.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    seen = api.get(f"{ORDERS}/{made['id']}", token=token_for(ada)).json
    assert answer.json == {"order": seen, "may_cancel": True, "link_expires_at": None}
    api.client.head(path)
    assert everything() == before


def test_cancelling(api: Api, ada: User, oil: Product, made: dict[str, Any]) -> None:
    """As the client; the stock is free again, and a second time changes nothing."""
    path = link(made)
    answer = api.post(f"{path}/cancel", {"reason": "Ordered twice."})
    assert (answer.status_code, answer.json["order"]["status"]) == (200, "cancelled")
    assert (answer.json["may_cancel"], answer.json["link_expires_at"]) == (False, "2030-02-06T06:00:00Z")
    assert answer.json["order"] == api.get(f"{ORDERS}/{made['id']}", token=token_for(ada)).json
    assert stock_of(oil) == [(5, 0)]
    (_, change) = api.get(f"{ORDERS}/{made['id']}/history", token=token_for(ada)).json["items"]
    assert (change["step"], change["actor_id"], change["reason"]) == ("cancel", ada.id, "Ordered twice.")
    before = everything()
    assert api.post(f"{path}/cancel").status_code == 200
    assert everything() == before


def test_too_late_to_cancel(api: Api, ada: User, clerk: User, oil: Product, made: dict[str, Any]) -> None:
    """What is out of the house or has lapsed is shown, and stays as it is."""
    fetched, lapsed = made, order(api, ada, (oil, 1)).json
    fulfil(api, clerk, fetched["id"], "fulfilled")
    with clock.frozen(LAPSES):
        for which in (fetched, lapsed):
            path, before = link(which), everything()
            answer = api.post(f"{path}/cancel")
            assert (answer.status_code, answer.json["code"]) == (409, "invalid_transition")
            assert api.get(path).json["may_cancel"] is False
            assert everything() == before


def test_the_document_names_what_the_verb_may_refuse(app: Flask) -> None:
    """A used gift card stands in the way of whoever has the link as it does of its client who is signed in."""
    paths = openapi.document(app)["paths"]
    for path in (f"{ORDERS}/manage/{{token}}/cancel", f"{ORDERS}/{{order_id}}/cancel"):
        assert "prepaid_used" in str(paths[path]["post"]["responses"]["409"])


def test_a_clients_rights_and_no_more(api: Api, ada: User, admin: User, made: dict[str, Any]) -> None:
    """Whoever signs in besides, a link does what its client may; so may a walk-in, who cannot sign in."""
    walk_in = make_user(has_login=False, email="wanda@example.test")
    theirs = order(api, admin, (make_product(5), 1), client_id=walk_in.id).json
    for which, client in ((made, ada), (theirs, walk_in)):
        assert api.post(f"{link(which)}/cancel", token=token_for(admin)).status_code == 200
        (_, change) = api.get(f"{ORDERS}/{which['id']}/history", token=token_for(admin)).json["items"]
        assert change["actor_id"] == client.id


@each_case("body", [{"status": "open"}, {"reason": "x" * 501}, {"reason": None}])
def test_what_it_does_not_take(api: Api, made: dict[str, Any], body: dict[str, Any]) -> None:
    path, before = link(made), everything()
    answer = api.post(f"{path}/cancel", body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, list(body))
    assert everything() == before


def test_forged(api: Api, eve: User, made: dict[str, Any]) -> None:
    """Neither another order's signature, nor a part of one, nor anything else."""
    other = order(api, eve, (make_product(5), 1)).json
    signature = link(made).partition(f"manage/{made['id']}-")[2]
    for token in (
        f"{other['id']}-{signature}",
        f"{made['id']}-{signature[:-1]}",
        f"{made['id']}-{'A' * 27}",
        f"0{made['id']}-{signature}",
        f"{2**40}-{signature}",
        f"{made['id']}",
        "x" * 200,
    ):
        gone(api, f"{ORDERS}/manage/{token}")


def test_of_another_kind(api: Api, ada: User, made: dict[str, Any]) -> None:
    """A booking's link opens no order, nor the other way round, were number, reference and client the same."""
    booked = make_booking(ada, make_service(), make_staff(), NOW + timedelta(hours=4))
    same = {"id": made["id"], "reference": made["reference"]}
    gone(api, f"{ORDERS}/manage/{BOOKING_LINKS.token_of(Booking(**same), ada)}")
    assert api.get(f"{ORDERS}/manage/{ORDER_LINKS.token_of(Order(**same), ada)}").status_code == 200
    same = {"id": booked.id, "reference": booked.reference}
    assert api.get(f"{BOOKINGS}/manage/{ORDER_LINKS.token_of(Order(**same), ada)}").status_code == 404
    assert api.get(f"{BOOKINGS}/manage/{BOOKING_LINKS.token_of(Booking(**same), ada)}").status_code == 200


def test_as_long_as_it_is_open(api: Api, clerk: User, made: dict[str, Any]) -> None:
    """However long that is; what has been put aside does not lapse."""
    path = link(made)
    fulfil(api, clerk, made["id"], "ready")
    with clock.frozen(NOW + 12 * MONTH):
        assert api.get(path).json["link_expires_at"] is None
        assert api.post(f"{path}/cancel").status_code == 200


def until(api: Api, path: str, end: Any) -> None:
    """Check that a link works until thirty days after an end, and not a second longer."""
    with clock.frozen(end + MONTH - SECOND):
        assert api.get(path).json["link_expires_at"] == (end + MONTH).strftime("%Y-%m-%dT%H:%M:%SZ")
    with clock.frozen(end + MONTH):
        gone(api, path)


def test_until_a_month_after_it_was_cancelled(api: Api, made: dict[str, Any]) -> None:
    path = link(made)
    api.post(f"{path}/cancel")
    until(api, path, NOW)


def test_until_a_month_after_it_has_lapsed(api: Api, made: dict[str, Any]) -> None:
    """Also where nobody has written that down yet."""
    until(api, link(made), LAPSES)


def test_until_a_month_after_it_was_completed(api: Api, admin: User, oil: Product, made: dict[str, Any]) -> None:
    """What is brought back later does not count."""
    path = link(made)
    pay(made)
    end = NOW + timedelta(days=3)
    with clock.frozen(end):
        fulfil(api, admin, made["id"], "fulfilled")
    with clock.frozen(end + MONTH / 2), transaction():
        take_back(Actor(admin.id, Role.ADMIN), made["id"], {oil.id: 1})
    assert steps_of(api, admin, made["id"]) == ["create", "pay", "fulfil", "return"]
    until(api, path, end)


def test_a_sale(api: Api, ada: User, clerk: User) -> None:
    """Shown to whoever has bought it, for a month; there is nothing to cancel."""
    card = make_product(kind=ProductKind.GIFT_CARD, price_amount=5000, card_amount=6000)
    path = link(sell(api, clerk, (card, 1), client_id=ada.id).json)
    seen = api.get(path).json
    assert (seen["order"]["channel"], seen["may_cancel"]) == ("in_person", False)
    assert api.post(f"{path}/cancel").json["code"] == "invalid_transition"
    until(api, path, NOW)


def test_another_email(api: Api, ada: User, made: dict[str, Any]) -> None:
    """Whoever reads the old mailbox, looks after nothing any more."""
    path = link(made)
    with transaction():
        user = db.session.get_one(User, ada.id)
        user.email, user.email_key = "other@example.test", "other@example.test"
    gone(api, path)
    assert api.get(link(made)).status_code == 200


def test_another_client(api: Api, eve: User, made: dict[str, Any]) -> None:
    """Of whom the order is not, the link is not either; nor where it is nobody's."""
    path = link(made)
    with transaction():
        db.session.get_one(Order, made["id"]).client_id = eve.id
    gone(api, path)


def test_of_nobody(api: Api, clerk: User) -> None:
    """A sale to somebody unknown has no link, whatever is signed."""
    sold = sell(api, clerk, (make_product(5), 1)).json
    gone(api, f"{ORDERS}/manage/{sold['id']}-{'A' * 27}")


def test_nobody(api: Api, oil: Product) -> None:
    """An erased client's link opens nothing, nor does a deactivated one's."""
    cleo = make_user(password_hash=PASSWORD_HASH)
    path = link(order(api, cleo, (oil, 1)).json)
    with transaction():
        db.session.get_one(User, cleo.id).is_active = False
    gone(api, path)
    with transaction():
        db.session.get_one(User, cleo.id).is_active = True
    assert api.get(path).status_code == 200
    assert api.post("/api/users/me/erase", {"password": PASSWORD}, token=token_for(cleo)).status_code == 204
    gone(api, path)


def test_keys_change(app: Flask, api: Api, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Links of an older key work as long as it is listed."""
    path, new = link(made), derive_key("another secret", "order link")
    monkeypatch.setitem(app.config, "ORDER_LINK_KEYS", (new, *app.config["ORDER_LINK_KEYS"]))
    assert api.get(path).status_code == 200
    assert link(made) != path
    monkeypatch.setitem(app.config, "ORDER_LINK_KEYS", (new,))
    gone(api, path)


def test_guessing_is_limited(database_url: str) -> None:
    """By network address, as all that tries credentials is."""
    application = make_application(database_url, RATELIMIT_ENABLED="true")
    with application.app_context():
        api = Api(application.test_client())
        seen = [api.get(f"{ORDERS}/manage/1-{'A' * 27}").status_code for _ in range(11)]
        db.engine.dispose()
    assert seen == [404] * 10 + [429]


def test_the_log_has_no_token(api: Api, made: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """Whoever reads the log, may not look after orders."""
    path = link(made)
    with caplog.at_level("INFO"):
        api.get(path)
        api.post(f"{path}/cancel")
    token = path.rpartition("/")[2]
    assert "manage/TOKEN" in caplog.text
    assert token not in caplog.text


def test_what_it_costs(api: Api, ada: User, count_statements: CountStatements) -> None:
    """A fixed number of statements, however many lines there are; its end is read where it has ended."""
    costs = []
    for lines in (1, 10):
        path = link(order(api, ada, *((make_product(5), 1) for _ in range(lines))).json)
        for method, rest in (("GET", ""), ("POST", "/cancel"), ("GET", "")):
            with count_statements() as statements:
                assert api.call(method, path + rest, json={} if rest else None).status_code == 200
            costs.append(len(statements))
    assert costs[:3] == costs[3:]
    assert (costs[0], costs[2]) == (2, 4)
