"""Cancelling, handing over, paying: what each does to an order and its stock, and when it may not be."""

from typing import Any

import pytest

from app.models import ProductKind, Role, User
from app.orders import service
from app.orders.service import Settlement
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_product, make_user, token_for
from tests.orders.till import ORDERS, cancel, everything, fulfil, order, sell, steps_of, stock_of

DELIVERY = {"fulfilment": "delivery", "address": "1 High Street"}


def pay(order_id: int, amount: int) -> Settlement:
    """Let money come."""
    with transaction():
        return service.record_payment(order_id, amount)


def refused(answer: Any, code: str = "invalid_transition", status: int = 409) -> bool:
    """Say whether it was refused so."""
    return bool((answer.status_code, answer.json["code"]) == (status, code))


def test_cancelling(api: Api, ada: User) -> None:
    """The stock is given back once; again, nothing changes."""
    oil = make_product(5)
    made = order(api, ada, (oil, 3)).json
    answer = cancel(api, ada, made["id"], reason="Ordered twice.")
    assert (answer.status_code, answer.json["status"], answer.json["expires_at"]) == (200, "cancelled", None)
    assert stock_of(oil) == [(5, 0)]
    changes = api.get(f"{ORDERS}/{made['id']}/history", token=token_for(ada)).json["items"]
    assert [(one["step"], one["from"], one["to"], one["actor_id"], one["reason"]) for one in changes] == [
        ("create", None, "open", ada.id, ""),
        ("cancel", "open", "cancelled", ada.id, "Ordered twice."),
    ]
    before = everything()
    assert (cancel(api, ada, made["id"]).status_code, everything()) == (200, before)


def test_who_cancels(api: Api, ada: User, eve: User, clerk: User, admin: User) -> None:
    """Its client and admins; staff see it, others do not."""
    oil = make_product(5)
    made = order(api, ada, (oil, 3)).json
    before = everything()
    assert refused(cancel(api, clerk, made["id"]), "forbidden", 403)
    assert refused(cancel(api, eve, made["id"]), "not_found", 404)
    assert refused(cancel(api, make_user(Role.OWNER), made["id"]), "not_found", 404)
    assert refused(cancel(api, admin, 2**40), "not_found", 404)
    assert everything() == before
    assert cancel(api, admin, made["id"]).json["status"] == "cancelled"


def test_picking_up(api: Api, ada: User, clerk: User) -> None:
    """Ready, and fetched unpaid: it is completed when it is paid, and its goods have left by then."""
    oil = make_product(5)
    made = order(api, ada, (oil, 3)).json
    ready = fulfil(api, clerk, made["id"], "ready").json
    assert (ready["fulfilment_status"], ready["expires_at"], ready["status"]) == ("ready", None, "open")
    assert stock_of(oil) == [(5, 3)]
    fetched = fulfil(api, clerk, made["id"], "fulfilled").json
    assert (fetched["fulfilment_status"], fetched["status"], fetched["payment_status"]) == (
        "fulfilled",
        "open",
        "unpaid",
    )
    assert stock_of(oil) == [(2, 0)]
    assert pay(made["id"], made["total"]["amount"]) is Settlement.PAID
    done = api.get(f"{ORDERS}/{made['id']}", token=token_for(ada)).json
    assert (done["status"], done["payment_status"], done["amount_paid"]) == ("completed", "paid", made["total"])
    assert steps_of(api, ada, made["id"]) == ["create", "fulfil", "fulfil", "pay"]


def test_sending(api: Api, ada: User, clerk: User) -> None:
    """Paid, shipped, and there: the goods leave with the first of the two steps."""
    oil = make_product(5)
    made = order(api, ada, (oil, 3), **DELIVERY).json
    assert pay(made["id"], 1) is Settlement.RECORDED
    half = api.get(f"{ORDERS}/{made['id']}", token=token_for(ada)).json
    assert (half["payment_status"], half["expires_at"], half["amount_paid"]["amount"]) == (
        "partially_paid",
        made["expires_at"],
        1,
    )
    assert pay(made["id"], made["total"]["amount"] - 1) is Settlement.PAID
    assert api.get(f"{ORDERS}/{made['id']}", token=token_for(ada)).json["expires_at"] is None
    assert fulfil(api, clerk, made["id"], "shipped").json["status"] == "open"
    assert stock_of(oil) == [(2, 0)]
    there = fulfil(api, clerk, made["id"], "fulfilled").json
    assert (there["status"], there["fulfilment_status"]) == ("completed", "fulfilled")
    assert stock_of(oil) == [(2, 0)]


@pytest.mark.parametrize("more", [{}, DELIVERY], ids=["pickup", "delivery"])
def test_forward_only(api: Api, ada: User, clerk: User, more: dict[str, str]) -> None:
    """What is not a step forward is 409 and changes nothing; what is picked up is not shipped."""
    oil = make_product(50)
    rank = ["unfulfilled", "ready", "shipped", "fulfilled"]
    for come in rank:
        for wanted in rank:
            made = order(api, ada, (oil, 1), **more).json
            if come != "unfulfilled" and fulfil(api, clerk, made["id"], come).status_code != 200:
                assert (come, more) == ("shipped", {})
                continue
            before = everything()
            answer = fulfil(api, clerk, made["id"], wanted)
            lawful = rank.index(wanted) > rank.index(come) and (bool(more) or wanted != "shipped")
            assert answer.status_code == (200 if lawful else 409), (come, wanted)
            assert lawful or (refused(answer) and everything() == before)
    stock_of(oil)


def test_who_fulfils(api: Api, ada: User, eve: User, admin: User) -> None:
    """Staff and admins; for all others it is not theirs to say, whether they see it or not."""
    made = order(api, ada, (make_product(5), 3)).json
    before = everything()
    for who in (ada, eve, make_user(Role.OWNER)):
        assert refused(fulfil(api, who, made["id"], "ready"), "forbidden", 403)
    assert refused(fulfil(api, admin, 2**40, "ready"), "not_found", 404)
    assert everything() == before
    assert fulfil(api, admin, made["id"], "ready").status_code == 200


def test_only_what_was_seen_is_changed(api: Api, ada: User, clerk: User) -> None:
    """`If-Match` (api.md §1) on both steps."""
    made = order(api, ada, (make_product(5), 3)).json
    path, stale = f"{ORDERS}/{made['id']}", {"If-Match": '"9"'}
    before = everything()
    body = {"fulfilment_status": "ready"}
    assert refused(api.patch(path, body, token=token_for(clerk), headers=stale), "version_conflict", 412)
    assert refused(api.post(f"{path}/cancel", {}, token=token_for(ada), headers=stale), "version_conflict", 412)
    assert everything() == before
    seen = {"If-Match": f'"{made["version"]}"'}
    assert api.patch(path, body, token=token_for(clerk), headers=seen).json["version"] == made["version"] + 1


@each_case("body", [{}, {"fulfilment_status": "sent"}, {"status": "cancelled"}, {"fulfilment_status": None}])
def test_bad_changes(api: Api, ada: User, clerk: User, body: dict[str, Any]) -> None:
    made = order(api, ada, (make_product(5), 3)).json
    before = everything()
    assert api.patch(f"{ORDERS}/{made['id']}", body, token=token_for(clerk)).status_code == 422
    assert everything() == before


def test_what_is_not_cancelled_any_more(api: Api, ada: User, clerk: User, admin: User) -> None:
    """What has left the house, or is done."""
    oil = make_product(50)
    left = order(api, ada, (oil, 1)).json
    fulfil(api, clerk, left["id"], "fulfilled")
    sold = sell(api, clerk, (oil, 1)).json
    before = everything()
    assert refused(cancel(api, ada, left["id"]))
    assert refused(cancel(api, admin, sold["id"]))
    assert everything() == before


def test_what_is_paid_is_cancelled(api: Api, ada: User, admin: User) -> None:
    """In part or whole, as long as it is in the house."""
    oil = make_product(50)
    partly, wholly = (order(api, ada, (oil, 1)).json for _ in range(2))
    pay(partly["id"], 1)
    pay(wholly["id"], wholly["total"]["amount"])
    assert cancel(api, ada, partly["id"]).json["status"] == "cancelled"
    assert cancel(api, admin, wholly["id"]).json["status"] == "cancelled"
    assert stock_of(oil) == [(50, 0)]


def test_nothing_follows_the_end(api: Api, ada: User, clerk: User) -> None:
    """Neither steps nor money: that is to be refunded."""
    made = order(api, ada, (make_product(5), 1)).json
    cancel(api, ada, made["id"])
    before = everything()
    assert refused(fulfil(api, clerk, made["id"], "ready"))
    assert pay(made["id"], 1) is Settlement.REFUND_DUE
    assert everything() == before


def test_more_money_than_is_due(api: Api, ada: User) -> None:
    """It is to be refunded, and does not count."""
    made = order(api, ada, (make_product(5), 1)).json
    total = made["total"]["amount"]
    before = everything()
    assert pay(made["id"], total + 1) is Settlement.REFUND_DUE
    assert everything() == before
    assert [pay(made["id"], total), pay(made["id"], 1)] == [Settlement.PAID, Settlement.REFUND_DUE]


def test_cards_alone_are_handed_over_when_paid(api: Api, ada: User, clerk: User) -> None:
    """There is nothing to fetch: the order is completed, and what it bought is there; before, it is not, by nobody."""
    card = make_product(kind=ProductKind.GIFT_CARD, price_amount=5000, card_amount=6000)
    package = make_product(kind=ProductKind.PACKAGE, price_amount=9000)
    made = order(api, ada, (card, 2), (package, 1)).json
    bought = ("/api/gift-cards", "/api/packages")
    before = everything()
    assert refused(fulfil(api, clerk, made["id"], "fulfilled"))
    assert everything() == before
    assert [api.get(path, token=token_for(ada)).json["items"] for path in bought] == [[], []]
    assert pay(made["id"], made["total"]["amount"]) is Settlement.PAID
    assert [len(api.get(path, token=token_for(ada)).json["items"]) for path in bought] == [2, 1]
    done = api.get(f"{ORDERS}/{made['id']}", token=token_for(ada)).json
    assert (done["status"], done["fulfilment_status"]) == ("completed", "fulfilled")
    assert [line["kind"] for line in done["items"]] == ["gift_card", "package"]


def test_cards_among_goods(api: Api, ada: User, clerk: User) -> None:
    """The goods are waited for."""
    card, oil = make_product(kind=ProductKind.GIFT_CARD), make_product(5)
    made = order(api, ada, (card, 1), (oil, 1)).json
    pay(made["id"], made["total"]["amount"])
    assert len(api.get("/api/gift-cards", token=token_for(ada)).json["items"]) == 1
    assert api.get(f"{ORDERS}/{made['id']}", token=token_for(ada)).json["status"] == "open"
    assert fulfil(api, clerk, made["id"], "fulfilled").json["status"] == "completed"


def test_a_card_for_nothing_is_there_at_once(api: Api, ada: User) -> None:
    """It is void when its order is cancelled, if it was not alone in it: then that is completed."""
    card, sample = make_product(kind=ProductKind.GIFT_CARD, price_amount=0), make_product(9, price_amount=0)
    given, both, alone = (
        order(api, ada, *wish).json for wish in ([(card, 1)], [(card, 1), (sample, 1)], [(sample, 1)])
    )
    assert (given["status"], both["status"], alone["status"]) == ("completed", "open", "open")
    assert refused(cancel(api, ada, given["id"]))
    for one in (both, alone):
        assert cancel(api, ada, one["id"]).json["status"] == "cancelled"
    cards = api.get("/api/gift-cards", token=token_for(ada)).json["items"]
    assert {one["order_id"]: one["status"] for one in cards} == {given["id"]: "active", both["id"]: "void"}
    assert stock_of(sample) == [(9, 0)]
