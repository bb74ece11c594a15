"""Fixtures: an admin, a house that may call this machine, and a clock that stands still at the real time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.integrations.webhooks import Outcome, post
from app.kit import clock
from app.models import Role
from app.webhooks import attempts
from tests.api import Api
from tests.factories import make_user
from tests.webhooks.house import House
from tests.webhooks.script import BAD, URL, Script


@pytest.fixture
def now() -> Iterator[datetime]:
    """The present: a signature is good for five minutes."""
    at = datetime.now(UTC)
    with clock.frozen(at):
        yield at


def quickly(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Call. Whoever answers has been quick, however busy this machine is: what is slow is left alone for a while."""
    outcome = post(url, body, headers)
    return outcome if outcome.status is None else replace(outcome, seconds=0.01)


@pytest.fixture
def house(app: Flask, api: Api, now: datetime, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose settings let it call receivers of this machine."""
    open_house = replace(app.extensions["settings"], webhooks_allow_private=True)
    monkeypatch.setitem(app.extensions, "settings", open_house)
    monkeypatch.setattr(attempts, "post", quickly)
    return House(api, make_user(Role.ADMIN))


@pytest.fixture
def script(house: House, monkeypatch: pytest.MonkeyPatch) -> Script:
    """No network, whatever the house would call: what is answered is written down."""
    made = Script()
    monkeypatch.setattr(attempts, "post", made.post)
    return made


@pytest.fixture
def endpoint(house: House, script: Script) -> Any:
    """An endpoint that fails until the test says otherwise."""
    script.outcomes[URL] = [BAD]
    return house.subscribe(URL)
