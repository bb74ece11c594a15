"""What an admin asks for comes before what waits: a test, and a delivery that is sent again."""

from datetime import datetime, timedelta
from typing import Any

from app.kit import clock
from app.transactions import transaction
from app.webhooks import clocks, upkeep
from app.webhooks.turns import AWAY
from tests.webhooks.house import House, hook
from tests.webhooks.script import BAD, GOOD, SLOW, URL, Script, run


def pile_up(house: House, now: datetime, script: Script) -> datetime:
    """Let sixty events wait for an endpoint that is slow; return a moment at which it rests."""
    script.outcomes[URL] = [SLOW]
    for _ in range(60):
        house.happen()
    run(house, now, now + timedelta(minutes=2))
    return script.calls[-1][1] + timedelta(seconds=1)


def test_a_test_comes_first(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    moment = pile_up(house, now, script)
    with clock.frozen(moment):
        house.act(endpoint, "test")
    run(house, moment, moment + AWAY)
    (test,) = [one for one in house.deliveries(endpoint) if one["event"] == "webhook.test"]
    assert (test["status"], test["attempts"]) == ("delivered", 1)


def test_what_is_sent_again_comes_first(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    script.outcomes[URL] = [GOOD]
    house.happen()
    house.work()
    sent = house.delivery(endpoint)
    moment = pile_up(house, now, script)
    with clock.frozen(moment):
        house.act(endpoint, f"deliveries/{sent['id']}/replay")
    run(house, moment, moment + AWAY)
    (again,) = [one for one in house.deliveries(endpoint) if one["id"] == sent["id"]]
    assert (again["status"], again["attempts"]) == ("delivered", 2)


def test_it_begins_anew_in_its_pauses(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """It waits for seconds after its first failure, as a new one does, however often it failed before."""
    house.happen()
    run(house, now, now + timedelta(hours=2))
    failed = house.delivery(endpoint)
    assert failed["attempts"] > 4
    later = now + timedelta(hours=3)
    with clock.frozen(later):
        house.act(endpoint, f"deliveries/{failed['id']}/replay")
    house.work(later + AWAY)
    again = house.delivery(endpoint)
    assert again["attempts"] == failed["attempts"] + 1
    pause = datetime.fromisoformat(again["next_attempt_at"]) - (later + AWAY)
    assert timedelta(seconds=4) <= pause <= timedelta(seconds=5)


def test_what_was_never_tried_says_so(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """And not what came of an attempt before it was asked for."""
    house.happen()
    house.work()
    tried = house.delivery(endpoint)
    house.act(endpoint, "test")
    house.act(endpoint, f"deliveries/{tried['id']}/replay")
    for wait in (timedelta(minutes=2), timedelta(days=4)):
        with clock.frozen(now + wait), transaction():
            upkeep.look_after()
    assert [(one["status"], one["last_error"]) for one in house.deliveries(endpoint)] == [
        ("failed", "It was not tried in time.")
    ] * 2


def test_a_clock_that_ran_ahead(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """It keeps an endpoint waiting for a minute, not for the days that it was ahead; nor does it disable it later."""
    house.happen()
    house.work(now + timedelta(days=2))
    free_at = hook(endpoint).free_at
    assert free_at is not None
    assert free_at > now + timedelta(days=2)
    script.outcomes[URL] = [BAD, GOOD]
    house.happen()
    for minutes in range(3):
        with clock.frozen(now + timedelta(minutes=minutes)), transaction():
            clocks.bring_back()
        house.work(now + timedelta(minutes=minutes))
        house.work(now + timedelta(minutes=minutes, seconds=30))
    assert {one["status"] for one in house.deliveries(endpoint)} == {"delivered"}
    assert hook(endpoint).failing_since is None


def test_what_a_clock_may_have_said(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """Pauses and rests of a day of failures stay what they are."""
    for _ in range(5):
        house.happen()
    run(house, now, now + timedelta(hours=20))
    moment = script.calls[-1][1]
    before = house.deliveries(endpoint), hook(endpoint).free_at, hook(endpoint).failing_since
    with clock.frozen(moment), transaction():
        clocks.bring_back()
    assert (house.deliveries(endpoint), hook(endpoint).free_at, hook(endpoint).failing_since) == before
