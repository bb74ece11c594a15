"""How patient we are, and how secrets are kept."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.jobs.cleaning import forget
from app.kit import clock
from app.models import OutboxEvent
from app.transactions import transaction
from app.webhooks import upkeep
from app.webhooks.policy import LONGEST_PAUSE, LONGEST_WAIT, rest_after, wait_after
from app.webhooks.sealing import Unreadable, new_secret, seal, seal_anew, unseal
from tests.integrations.webhooks.receivers import receiving
from tests.webhooks.house import House, hook, payload


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 4), (2, 16), (3, 64), (4, 256), (7, 16384), (8, 21600), (1000, 21600)]
)
def test_waits_grow_and_are_never_the_same(attempts: int, seconds: int) -> None:
    waits = {wait_after(attempts).total_seconds() for _ in range(100)}
    assert len(waits) > 90
    assert all(seconds <= wait <= seconds * 1.25 for wait in waits)
    assert wait_after(attempts) <= LONGEST_WAIT * 1.25


@pytest.mark.parametrize(
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


@pytest.fixture
def keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Three keys, of which the application uses none yet."""
    return {name: bytes([number]) * 32 for number, name in enumerate(("old", "new", "other"))}


@pytest.mark.databases("sqlite")  # no row is written
def test_secrets_are_sealed(app: Flask, keys: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first key seals, all open; what is sealed anew outlives the key of before."""

    def use(*names: str) -> None:
        monkeypatch.setitem(app.config, "WEBHOOK_KEYS", tuple(keys[name] for name in names))

    use("old")
    secret = new_secret()
    sealed = seal(secret)
    assert secret.removeprefix("whsec_") not in sealed
    assert (unseal(sealed), seal(secret) == sealed) == (secret, False)
    use("new", "old")
    assert unseal(sealed) == secret
    renewed = seal_anew(sealed)
    use("new")
    assert unseal(renewed) == secret
    with pytest.raises(Unreadable):
        unseal(sealed)
    use("other")
    assert seal_anew(renewed) == renewed
    for unreadable in (renewed, "", "no seal"):
        with pytest.raises(Unreadable):
            unseal(unreadable)


def test_old_keys_can_go(house: House, keys: dict[str, bytes], app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the daily task has sealed what is kept by the new one, signatures are as before."""
    before = app.config["WEBHOOK_KEYS"]
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        monkeypatch.setitem(app.config, "WEBHOOK_KEYS", (keys["new"], *before))
        with transaction():
            upkeep.seal_all_anew()
        monkeypatch.setitem(app.config, "WEBHOOK_KEYS", (keys["new"],))
        house.happen()
        house.work()
        assert payload(receiver.calls[0], webhook["secret"])


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


def test_the_secret_of_before_goes_with_its_day(house: House, now: datetime) -> None:
    webhook = house.subscribe("https://hooks.example.com/")
    house.act(webhook, "rotate-secret")
    tidied()
    assert hook(webhook).old_secret is not None
    with clock.frozen(now + timedelta(days=1)):
        tidied()
    assert (hook(webhook).old_secret, hook(webhook).old_secret_until) == (None, None)


def tidied() -> None:
    """Do what is done again and again."""
    for step in (upkeep.look_after, partial(forget, upkeep.DELIVERIES), upkeep.seal_all_anew):
        with transaction():
            step()
