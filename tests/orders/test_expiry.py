"""Unpaid orders past their time: expired for everybody at once, and their stock is to be had."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete

from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.models import OutboxEvent, User
from app.orders import periodic, service
from app.orders.service import Settlement, keeping
from app.orders.service.record import EXPIRE_ORDER
from app.transactions import transaction
from tests.api import Api
from tests.conftest import CountStatements
from tests.factories import make_product, token_for
from tests.orders.till import NOW, ORDERS, cancel, everything, fulfil, order, sell, steps_of, stock_of

LATER = NOW + timedelta(minutes=30)
JUST_BEFORE = LATER - timedelta(seconds=1)


def test_readers_see_it_at_once(api: Api, ada: User) -> None:
    """To the second; in the list and its filters too."""
    made = order(api, ada, (make_product(5), 3)).json
    for at, status, deadline in ((JUST_BEFORE, "open", "2030-01-07T06:30:00Z"), (LATER, "expired", None)):
        with clock.frozen(at):
            read = api.get(f"{ORDERS}/{made['id']}", token=token_for(ada)).json
            assert (read["status"], read["expires_at"]) == (status, deadline)
            for asked in ("open", "expired"):
                found = api.get(ORDERS, query={"status": asked}, token=token_for(ada)).json["items"]
                assert [one["id"] for one in found] == ([made["id"]] if asked == status else [])


def test_the_worker_writes_it_down(api: Api, ada: User) -> None:
    """Once, by nobody; before its time, and for what does not wait any more, nothing happens."""
    oil = make_product(9)
    made, cancelled = order(api, ada, (oil, 3)).json, order(api, ada, (oil, 2)).json
    cancel(api, ada, cancelled["id"])
    work_once()
    with clock.frozen(JUST_BEFORE):
        assert work_once() == 0
    with clock.frozen(LATER):
        assert (work_once(), stock_of(oil)) == (4, [(9, 0)])  # two deadlines, what is announced, and its mail
        assert work_once() == 0
        assert steps_of(api, ada, made["id"]) == ["create", "expire"]
        assert steps_of(api, ada, cancelled["id"]) == ["create", "cancel"]
        last = api.get(f"{ORDERS}/{made['id']}/history", token=token_for(ada)).json["items"][-1]
    assert (last["from"], last["to"], last["actor_id"]) == ("open", "expired", None)


def test_a_deadline_whose_task_was_lost(api: Api, ada: User) -> None:
    """Past it by two minutes, it is expired all the same; once, and others are left alone."""
    oil = make_product(9)
    late = order(api, ada, (oil, 3)).json
    with clock.frozen(NOW + timedelta(minutes=1)):
        fresh = order(api, ada, (oil, 2)).json
    with transaction():
        db.session.execute(delete(OutboxEvent).where(OutboxEvent.topic == EXPIRE_ORDER))
    with clock.frozen(LATER + timedelta(minutes=2)):
        for _ in range(2):
            with transaction():
                assert periodic.expire_overdue() is False
        work_once()
        assert stock_of(oil) == [(9, 2)]
        assert steps_of(api, ada, late["id"]) == ["create", "expire"]
        assert steps_of(api, ada, fresh["id"]) == ["create"]


def test_it_ends_with_the_first_step(api: Api, ada: User, clerk: User) -> None:
    """The house keeps what it has put aside, paid in part or not."""
    oil = make_product(9)
    ready, partly = order(api, ada, (oil, 3)).json, order(api, ada, (oil, 2)).json
    for one in (ready, partly):
        fulfil(api, clerk, one["id"], "ready")
    with transaction():
        service.record_payment(partly["id"], 1)
    with clock.frozen(LATER + timedelta(days=30)):
        work_once()
        assert stock_of(oil) == [(9, 5)]
        for one in (ready, partly):
            assert api.get(f"{ORDERS}/{one['id']}", token=token_for(ada)).json["status"] == "open"


def test_nothing_is_done_with_it(api: Api, ada: User, clerk: User) -> None:
    """Whether that is written down yet or not."""
    made = order(api, ada, (make_product(9), 3)).json
    with clock.frozen(LATER):
        for _ in range(2):
            before = everything()
            for answer in (cancel(api, ada, made["id"]), fulfil(api, clerk, made["id"], "fulfilled")):
                assert (answer.status_code, answer.json["code"]) == (409, "invalid_transition")
            assert everything() == before
            work_once()


def test_whoever_wants_its_stock_frees_it(api: Api, ada: User, eve: User, clerk: User) -> None:
    """Overdue orders give theirs back, as far as they keep what is wanted; others keep theirs."""
    oil, comb, last = make_product(4), make_product(4), make_product(1)
    first, second = order(api, ada, (oil, 3), (comb, 2)).json, order(api, ada, (oil, 1)).json
    third = order(api, ada, (last, 1)).json
    with clock.frozen(LATER):
        made = order(api, eve, (comb, 1), (oil, 4))
        assert made.status_code == 201
        assert stock_of(oil, comb, last) == [(4, 4), (4, 1), (1, 1)]
        assert [steps_of(api, ada, one["id"])[1:] for one in (first, second, third)] == [["expire"], ["expire"], []]
        assert sell(api, clerk, (last, 1)).status_code == 201
        assert stock_of(last) == [(0, 0)]
        work_once()
        assert steps_of(api, ada, first["id"]) == ["create", "expire"]


def test_where_that_is_not_enough(api: Api, ada: User, eve: User) -> None:
    """409 with what can be had then; nothing changes."""
    oil = make_product(4)
    order(api, ada, (oil, 3))
    with clock.frozen(LATER):
        before = everything()
        answer = order(api, eve, (oil, 5))
        assert (answer.json["code"], answer.json["lines"][0]["available"]) == ("out_of_stock", 4)
        assert everything() == before


def test_the_hopeless_disturb_nobody(api: Api, ada: User, eve: User, count_statements: CountStatements) -> None:
    """However many are overdue: what would not be enough is refused before one of them is touched."""
    oil = make_product(12)
    for _ in range(12):
        order(api, ada, (oil, 1))
    with clock.frozen(LATER), count_statements() as said:
        answer = order(api, eve, (oil, 13))
    assert (answer.status_code, answer.json["lines"][0]["available"]) == (409, 12)
    assert not [one for one in said if one.startswith("UPDATE orders")]


def test_as_few_as_are_needed(api: Api, ada: User, eve: User) -> None:
    """The oldest first; the others are the worker's."""
    oil = make_product(3)
    made = [order(api, ada, (oil, 1)).json["id"] for _ in range(3)]
    with clock.frozen(LATER):
        assert order(api, eve, (oil, 2)).status_code == 201
        assert [steps_of(api, ada, one)[1:] for one in made] == [["expire"], ["expire"], []]


def test_no_more_than_a_batch(api: Api, ada: User, eve: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who would have to expire more than that is told what it can have now."""
    monkeypatch.setattr(keeping, "MOST_FREED", 2)
    oil = make_product(3)
    for _ in range(3):
        order(api, ada, (oil, 1))
    with clock.frozen(LATER):
        before = everything()
        assert order(api, eve, (oil, 3)).json["lines"][0]["available"] == 2
        assert everything() == before
        assert order(api, eve, (oil, 2)).status_code == 201


def test_late_money(api: Api, ada: User) -> None:
    """It is taken as long as the stock is still there; else it is to be refunded."""
    oil = make_product(4)
    lucky, late = order(api, ada, (oil, 1)).json, order(api, ada, (oil, 2)).json
    total = lucky["total"]["amount"]
    with clock.frozen(LATER):
        with transaction():
            assert service.record_payment(lucky["id"], total) is Settlement.PAID
        work_once()
        assert stock_of(oil) == [(4, 1)]
        assert api.get(f"{ORDERS}/{lucky['id']}", token=token_for(ada)).json["status"] == "open"
        before = everything()
        with transaction():
            assert service.record_payment(late["id"], 2 * total) is Settlement.REFUND_DUE
        assert everything() == before


def test_the_setting(app: Flask, api: Api, ada: User, clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """ORDER_MINUTES; a sale never expires."""
    monkeypatch.setitem(app.extensions, "business", replace(app.extensions["business"], order_minutes=5))
    oil = make_product(4)
    assert order(api, ada, (oil, 1)).json["expires_at"] == "2030-01-07T06:05:00Z"
    assert sell(api, clerk, (oil, 1)).json["expires_at"] is None
