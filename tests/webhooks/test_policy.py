"""How long is waited, and what is looked after from time to time."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import update

from app.extensions import db
from app.jobs.cleaning import forget
from app.kit import clock
from app.models import OutboxEvent
from app.transactions import transaction
from app.webhooks import upkeep
from app.webhooks.policy import LONGEST_PAUSE, LONGEST_WAIT, rest_after, wait_after
from tests.cases import each_case
from tests.integrations.webhooks.receivers import receiving
from tests.webhooks.house import House


@each_case(("attempts", "seconds"), [(1, 4), (2, 16), (3, 64), (4, 256), (7, 16384), (8, 21600), (1000, 21600)])
def test_waits_grow_and_are_never_the_same(attempts: int, seconds: int) -> None:
    waits = {wait_after(attempts).total_seconds() for _ in range(100)}
    assert len(waits) > 90
    assert all(seconds <= wait <= seconds * 1.25 for wait in waits)
    assert wait_after(attempts) <= LONGEST_WAIT * 1.25


@each_case(
    ("seconds", "failures", "expected"),
    [
        (0.0, 0, 0),
        (0.25, 0, 0),
        (0.5, 0, 2),
        (5.0, 0, 20),
        (0.1, 1, 4),
        (0.1, 2, 8),
        (0.1, 7, 256),
        (0.1, 8, 512),
        (0.1, 9, 600),
        (0.1, 10**6, 600),
        (5.0, 1, 20),
        (5.0, 4, 32),
    ],
)
def test_rests(seconds: float, failures: int, expected: float) -> None:
    assert rest_after(seconds, failures) == timedelta(seconds=expected) <= LONGEST_PAUSE


def test_a_lost_turn_is_found(house: House) -> None:
    """Where a task of the outbox died, the delivery does not wait for the next event."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        house.act(webhook, "test")
        with transaction():
            db.session.execute(update(OutboxEvent).values(done_at=OutboxEvent.due_at))
        house.work()
        assert receiver.calls == []
        with transaction():
            upkeep.look_after()
        house.work()
        assert len(receiver.calls) == 1
        with transaction():
            upkeep.look_after()
        assert house.work() == 0


def test_what_is_old_is_forgotten(house: House, now: datetime) -> None:
    """Thirty days after it happened, or was replayed; the others stay."""
    with receiving(204, 410, 500) as receiver:
        webhook = house.subscribe(receiver.url)
        for _ in range(3):
            house.happen()
            house.work()
            house.change(webhook, active=True)
        kept = [one["id"] for one in house.deliveries(webhook)]
        assert [one["status"] for one in house.deliveries(webhook)] == ["pending", "failed", "delivered"]
        with clock.frozen(now + timedelta(days=30)):
            tidied()
            assert [one["id"] for one in house.deliveries(webhook)] == kept
        with clock.frozen(now + timedelta(days=10)):
            house.act(webhook, f"deliveries/{kept[2]}/replay")
        with clock.frozen(now + timedelta(days=31)):
            tidied()
            assert [one["id"] for one in house.deliveries(webhook)] == kept[2:]


def tidied() -> None:
    """Do what is done again and again."""
    for step in (upkeep.look_after, partial(forget, upkeep.DELIVERIES), upkeep.seal_all_anew):
        with transaction():
            step()
