"""Secrets: how they are kept, changed, and done without where they cannot be read."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.kit import clock
from app.models import Webhook
from app.transactions import transaction
from app.webhooks import upkeep
from app.webhooks.sealing import Unreadable, new_secret, seal, seal_anew, unseal
from tests.integrations.webhooks.receivers import receiving
from tests.webhooks.house import House, audited, hook, payload
from tests.webhooks.script import GOOD, URL, Script


def sealed_anew() -> None:
    """Do what is done with secrets each day."""
    with transaction():
        upkeep.seal_all_anew()


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


def test_the_secret_of_before_goes_with_its_day(house: House, now: datetime) -> None:
    webhook = house.subscribe("https://hooks.example.com/")
    house.act(webhook, "rotate-secret")
    sealed_anew()
    assert hook(webhook).old_secret is not None
    with clock.frozen(now + timedelta(days=1)):
        sealed_anew()
    assert (hook(webhook).old_secret, hook(webhook).old_secret_until) == (None, None)


def test_a_new_secret(house: House, now: datetime) -> None:
    made = house.subscribe(URL)
    answer = house.act(made, "rotate-secret")
    assert answer.status_code == 200
    assert answer.json["secret"] != made["secret"]
    assert answer.json["old_secret_until"].startswith(f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%S}")
    assert "secret" not in house.read(made)
    assert audited()[-1] == ("webhooks.secret_rotated", None)


def test_a_secret_has_its_day(house: House, now: datetime) -> None:
    """409 to a second rotation before it is over: of three secrets, one would sign no more. Nothing changes."""
    made = house.subscribe(URL)
    fresh = house.act(made, "rotate-secret").json
    before = (hook(made).secret, hook(made).old_secret, house.read(made), audited())
    with clock.frozen(now + timedelta(days=1) - timedelta(microseconds=1)):
        refused = house.act(made, "rotate-secret")
    assert (refused.status_code, refused.json["code"]) == (409, "secret_just_rotated")
    assert (hook(made).secret, hook(made).old_secret, house.read(made), audited()) == before
    with clock.frozen(now + timedelta(days=1)):
        again = house.act(made, "rotate-secret")
    assert again.status_code == 200
    assert len({made["secret"], fresh["secret"], again.json["secret"]}) == 3


def test_while_secrets_change_both_sign(house: House, now: datetime) -> None:
    """For a day; a receiver that knows either of them believes it."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        fresh = house.act(webhook, "rotate-secret").json["secret"]
        house.happen()
        house.work()
        (call,) = receiver.calls
        assert len(call.headers["webhook-signature"].split()) == 2
        assert payload(call, webhook["secret"]) == payload(call, fresh)
        with clock.frozen(now + timedelta(days=1)):
            house.happen()
            house.work()
        assert len(receiver.calls[1].headers["webhook-signature"].split()) == 1


@pytest.fixture
def unreadable(endpoint: Any) -> Any:
    """An endpoint whose secret was sealed by a key that is gone."""
    with transaction():
        db.session.execute(update(Webhook).values(secret="sealed by a key that is gone"))  # no secret
    return endpoint


def test_a_secret_that_cannot_be_read(house: House, script: Script, unreadable: Any) -> None:
    """A failure like any other: counted and listed."""
    house.happen()
    house.work()
    assert script.calls == []
    delivery = house.delivery(unreadable)
    assert (delivery["status"], delivery["attempts"]) == ("pending", 1)
    assert delivery["last_error"] == "The secret cannot be read any more. Rotate it."
    assert hook(unreadable).failures == 1


def test_a_new_secret_mends_it(house: House, script: Script, unreadable: Any) -> None:
    """From then on, not a day later: what cannot be read does not sign beside it."""
    script.outcomes[URL] = [GOOD]
    answer = house.act(unreadable, "rotate-secret")
    assert (answer.status_code, answer.json["old_secret_until"]) == (200, None)
    house.happen()
    house.work()
    assert house.delivery(unreadable)["status"] == "delivered"


@pytest.mark.parametrize("column", ["secret", "old_secret"])
def test_of_two_secrets_one_can_be_read(house: House, column: str) -> None:
    """That one signs, alone; and a rotation adds another at once, whether or not the day is over."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        fresh = house.act(webhook, "rotate-secret").json["secret"]
        readable = {"secret": webhook["secret"], "old_secret": fresh}[column]
        with transaction():
            db.session.execute(update(Webhook).values({column: "sealed by a key that is gone"}))
        house.happen()
        house.work()
        answer = house.act(webhook, "rotate-secret")
        assert answer.status_code == 200
        house.happen()
        house.work()
    first, second = receiver.calls
    assert len(first.headers["webhook-signature"].split()) == 1
    assert payload(first, readable)
    assert len(second.headers["webhook-signature"].split()) == 2
    assert payload(second, readable) == payload(second, answer.json["secret"])
