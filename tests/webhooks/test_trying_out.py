"""An admin tries out whether anything arrives: soon, not for long, and without harm to the endpoint."""

from datetime import datetime, timedelta
from typing import Any

from app.kit import clock
from app.webhooks.turns import AWAY
from tests.integrations.webhooks.receivers import receiving
from tests.webhooks.house import House, hook, payload
from tests.webhooks.script import GOOD, URL, Script, run


def test_a_test(house: House) -> None:
    """202, and then it has arrived or not."""
    with receiving(204, 500) as receiver:
        webhook = house.subscribe(receiver.url, "booking.moved")
        answer = house.act(webhook, "test")
        assert (answer.status_code, answer.json["status"], answer.json["event"]) == (202, "pending", "webhook.test")
        house.work()
        said = payload(receiver.calls[0], webhook["secret"])
        assert (said["type"], said["data"]) == ("webhook.test", {"webhook_id": webhook["id"]})
        assert house.delivery(webhook)["status"] == "delivered"


def test_a_test_that_fails_is_not_tried_for_days(house: House, now: datetime) -> None:
    with receiving(500) as receiver:
        webhook = house.subscribe(receiver.url)
        house.act(webhook, "test")
        for seconds in (0, 6, 30, 200, 3600):
            house.work(now + timedelta(seconds=seconds))
        assert (len(receiver.calls), house.delivery(webhook)["status"]) == (3, "failed")


def test_a_test_does_not_wait_for_a_rest(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """An endpoint that has failed for hours rests for minutes; whoever has mended it sees so within seconds."""
    house.happen()
    run(house, now, now + timedelta(hours=2))
    script.outcomes[URL] = [GOOD]
    last = script.calls[-1][1] + timedelta(seconds=1)
    rests_until = hook(endpoint).free_at
    assert rests_until is not None
    assert rests_until > last + timedelta(minutes=2)
    with clock.frozen(last):
        house.act(endpoint, "test")
    run(house, last, last + AWAY)
    assert house.deliveries(endpoint)[0]["status"] == "delivered"


def test_a_test_sent_again_is_a_test(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """It is not tried for days: somebody is waiting for it."""
    house.act(endpoint, "test")
    run(house, now, now + timedelta(hours=1))
    later = now + timedelta(hours=2)
    with clock.frozen(later):
        house.act(endpoint, f"deliveries/{house.delivery(endpoint)['id']}/replay")
    run(house, later, later + timedelta(days=3))
    delivery = house.delivery(endpoint)
    assert (delivery["status"], delivery["attempts"]) == ("failed", 6)
    assert script.calls[-1][1] < later + timedelta(minutes=1)


def test_tests_that_fail_disable_nobody(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """However often somebody tries: they say nothing of events, and one failure after them is the first."""
    for hours in range(0, 24 * 7, 12):
        with clock.frozen(now + timedelta(hours=hours)):
            house.act(endpoint, "test")
            house.work()
    assert len(script.calls) == 14
    assert (house.read(endpoint)["failing_since"], hook(endpoint).failures) == (None, 0)
    week = now + timedelta(days=7)
    with clock.frozen(week):
        house.happen()
        house.work()
    assert house.read(endpoint)["active"]
    assert hook(endpoint).failing_since == week


def test_a_test_that_arrives_ends_the_failures(house: House, script: Script, endpoint: Any) -> None:
    """The endpoint is there again."""
    house.happen()
    house.work()
    script.outcomes[URL] = [GOOD]
    house.act(endpoint, "test")
    house.work(clock.utcnow() + AWAY)
    assert (house.read(endpoint)["failing_since"], hook(endpoint).failures) == (None, 0)
