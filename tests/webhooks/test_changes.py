"""Endpoints that are changed while something waits for them, or is on its way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.extensions import db
from app.integrations.webhooks import Outcome
from app.jobs.outbox import Task
from app.kit import clock
from app.models import Webhook
from app.transactions import transaction
from app.webhooks import attempts, upkeep
from app.webhooks.policy import RETRIED_FOR
from app.webhooks.turns import AWAY
from tests.webhooks.house import House, hook
from tests.webhooks.script import BAD, GONE, GOOD, OTHER, URL, Script, run


def waiting(house: House, now: datetime) -> datetime:
    """Let two events fail for two hours; return a moment at which neither, nor the endpoint, would be tried."""
    for _ in range(2):
        house.happen()
    run(house, now, now + timedelta(hours=2))
    return now + timedelta(hours=2)


def test_switched_on_again(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """What waited is delivered at once; what happened meanwhile was told to nobody."""
    house.happen()
    house.work()
    house.change(endpoint, active=False)
    house.happen()
    run(house, now, now + timedelta(days=2))
    script.outcomes[URL] = [GOOD]
    with clock.frozen(now + timedelta(days=2)):
        assert house.change(endpoint, active=True).json["failing_since"] is None
        house.work()
    assert [(one["status"], one["attempts"]) for one in house.deliveries(endpoint)] == [("delivered", 2)]


def test_switched_on_within_the_hour(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """What waits does not wait for the end of its pause, which may be six hours; but a rest ends within seconds."""
    at = waiting(house, now)
    script.outcomes[URL] = [GOOD]
    with clock.frozen(at):
        house.change(endpoint, active=False)
        house.change(endpoint, active=True)
    run(house, at, at + AWAY)
    assert {one["status"] for one in house.deliveries(endpoint)} == {"delivered"}


def test_too_late_is_too_late(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """After three days it is given up, and the list says so."""
    house.happen()
    house.work()
    house.change(endpoint, active=False)
    script.outcomes[URL] = [GOOD]
    with clock.frozen(now + RETRIED_FOR):
        house.change(endpoint, active=True)
        house.work()
        with transaction():
            upkeep.look_after()
        assert (house.delivery(endpoint)["status"], house.delivery(endpoint)["attempts"]) == ("failed", 1)


def test_another_address_is_tried_at_once(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """With everything that waits, however long it would have had to; nothing new need happen."""
    at = waiting(house, now)
    calls = len(script.times(URL))
    script.outcomes[OTHER] = [GOOD]
    with clock.frozen(at):
        assert house.work() == 0
        house.change(endpoint, url=OTHER)
        house.work()
    assert (script.times(OTHER), len(script.times(URL))) == ([at, at], calls)
    assert {one["status"] for one in house.deliveries(endpoint)} == {"delivered"}


def test_another_address_of_what_is_off(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """It is sent nothing until it is on, and then at once."""
    at = waiting(house, now)
    script.outcomes[OTHER] = [GOOD]
    with clock.frozen(at):
        house.change(endpoint, active=False)
        house.change(endpoint, url=OTHER)
        house.work()
        assert script.times(OTHER) == []
        house.change(endpoint, active=True)
        house.work()
    assert script.times(OTHER) == [at, at]


def test_another_address_gets_nothing_that_has_ended(house: House, script: Script, now: datetime) -> None:
    """Neither what was delivered, nor what was given up."""
    script.outcomes = {URL: [GOOD, GONE], OTHER: [GOOD]}
    webhook = house.subscribe(URL)
    for _ in range(2):
        house.happen()
        house.work()
    before = house.deliveries(webhook)
    assert [one["status"] for one in before] == ["failed", "delivered"]
    assert house.change(webhook, url=OTHER, active=True).status_code == 200
    house.work()
    assert (script.times(OTHER), house.deliveries(webhook)) == ([], before)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch, script: Script) -> Callable[[Callable[[], object]], None]:
    """Have something done while a call is under way, once."""

    def arrange(step: Callable[[], object]) -> None:
        def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
            monkeypatch.setattr(attempts, "post", script.post)
            step()
            return script.post(url, body, headers)

        monkeypatch.setattr(attempts, "post", post)

    return arrange


@pytest.mark.parametrize("outcome", [GONE, BAD], ids=["gone", "failing"])
def test_what_the_old_address_says_is_of_no_interest(
    house: House, script: Script, endpoint: Any, meanwhile: Callable[..., None], outcome: Outcome
) -> None:
    """It answers after the address was changed: the new one is neither blamed nor disabled, and gets what waited."""
    script.outcomes = {URL: [outcome], OTHER: [GOOD]}
    meanwhile(lambda: house.change(endpoint, url=OTHER))
    house.happen()
    house.work()
    assert (len(script.times(URL)), len(script.times(OTHER))) == (1, 1)
    assert (house.read(endpoint)["active"], hook(endpoint).failures) == (True, 0)
    delivery = house.delivery(endpoint)
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 1)


@pytest.mark.parametrize(
    "action",
    [
        lambda house, webhook: house.change(webhook, active=True),
        lambda house, webhook: house.act(webhook, "test"),
        lambda house, webhook: house.act(webhook, f"deliveries/{house.deliveries(webhook)[-1]['id']}/replay"),
    ],
    ids=["switched on", "tested", "replayed"],
)
def test_one_call_at_a_time(house: House, script: Script, endpoint: Any, action: Callable[[House, Any], Any]) -> None:
    """Whoever asks for something to be sent, while the endpoint is called, does not have it called twice."""
    house.happen()
    house.work()
    with transaction():
        db.session.execute(update(Webhook).values(free_at=None))
    house.act(endpoint, "test")
    turn = Task(1, {"webhook_id": endpoint["id"]}, clock.utcnow())
    with transaction():
        assert attempts.begin(turn) is not None
    assert action(house, endpoint).status_code < 300
    with transaction():
        assert attempts.begin(turn) is None
