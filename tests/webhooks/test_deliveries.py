"""Looking at deliveries, and sending one once more by hand."""

from datetime import datetime, timedelta
from typing import Any

from app.kit import clock
from app.webhooks.policy import RETRIED_FOR, SLOW
from tests.integrations.webhooks.receivers import receiving
from tests.webhooks.house import House, ids, row
from tests.webhooks.script import BAD, GOOD, URL, Script, run
from tests.webhooks.script import SLOW as SLOW_ANSWER


def test_deliveries_are_listed(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """The newest first, by status, page by page."""
    script.outcomes[URL] = [GOOD, BAD]
    for number in range(3):
        with clock.frozen(now + timedelta(seconds=number)):
            house.happen(offer_id=number)
            house.work()
    assert [one["about"]["offer_id"] for one in house.deliveries(endpoint)] == [2, 1, 0]
    assert [one["about"]["offer_id"] for one in house.deliveries(endpoint, status="delivered")] == [0]
    assert [one["about"]["offer_id"] for one in house.deliveries(endpoint, status="pending")] == [2, 1]
    assert house.deliveries(endpoint, status="failed") == []
    path = f"/api/webhooks/{endpoint['id']}/deliveries"
    first = house.api.get(path, query={"limit": 2, "include_total": "true"}, token=house.token).json
    assert first["total"] == 3
    rest = house.api.get(path, query={"limit": 2, "cursor": first["next_cursor"]}, token=house.token).json
    assert [one["about"]["offer_id"] for one in (*first["items"], *rest["items"])] == [2, 1, 0]
    for query in ({"status": "lost"}, {"page": 1}, {"cursor": "x"}, {"limit": 0}):
        assert house.api.get(path, query=query, token=house.token).status_code == 422


def test_replay_of_what_was_given_up(house: House, now: datetime) -> None:
    """It begins anew: at once, and for three days."""
    with receiving(410, 200) as receiver:
        webhook = house.subscribe(receiver.url)
        house.happen()
        house.work()
        house.change(webhook, active=True)
        failed = house.delivery(webhook)
        later = now + timedelta(days=10)
        with clock.frozen(later):
            answer = house.act(webhook, f"deliveries/{failed['id']}/replay")
            assert (answer.status_code, answer.json["status"]) == (202, "pending")
            assert row(failed).give_up_at == later + RETRIED_FOR
            house.work()
            shown = house.delivery(webhook)
        assert (shown["status"], shown["attempts"], shown["id"]) == ("delivered", 2, failed["id"])
        assert len(set(ids(receiver))) == 1


def test_replay_of_what_was_delivered(house: House) -> None:
    """Under the same id, by which its receiver knows it."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        house.happen()
        house.work()
        house.act(webhook, f"deliveries/{house.delivery(webhook)['id']}/replay")
        house.work()
        assert len(receiver.calls) == 2
        assert len(set(ids(receiver))) == 1
        assert house.delivery(webhook)["status"] == "delivered"


def test_replay_twice_at_once(house: House) -> None:
    """Whoever asks twice before it is done gets one; also on a machine so busy that the answer takes long."""
    with receiving(pause=SLOW) as receiver:
        webhook = house.subscribe(receiver.url)
        house.happen()
        house.work()
        for _ in range(2):
            house.act(webhook, f"deliveries/{house.delivery(webhook)['id']}/replay")
        house.work()
        assert len(receiver.calls) == 2


def test_replay_twice_to_one_that_is_slow(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """It is left alone for a moment, and gets one then."""
    script.outcomes[URL] = [SLOW_ANSWER]
    house.happen()
    house.work()
    for _ in range(2):
        house.act(endpoint, f"deliveries/{house.delivery(endpoint)['id']}/replay")
    house.work()
    assert script.times(URL) == [now]
    run(house, now, now + timedelta(hours=1))
    assert len(script.calls) == 2
    assert house.delivery(endpoint)["status"] == "delivered"


def test_replay_to_what_is_disabled(house: House) -> None:
    """409, and nothing changes."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        house.happen()
        house.work()
        house.change(webhook, active=False)
        before = house.delivery(webhook)
        for action in (f"deliveries/{before['id']}/replay", "test"):
            answer = house.act(webhook, action)
            assert (answer.status_code, answer.json["code"]) == (409, "webhook_disabled")
        assert house.deliveries(webhook) == [before]
        assert house.work() == 0


def test_replay_of_somebody_elses(house: House) -> None:
    """404: a delivery is found below its own webhook alone."""
    with receiving() as receiver:
        webhook, other = house.subscribe(receiver.url), house.subscribe(receiver.url)
        house.happen()
        house.work()
        answer = house.act(other, f"deliveries/{house.delivery(webhook)['id']}/replay")
        assert answer.status_code == 404
        assert house.delivery(webhook)["status"] == "delivered"
