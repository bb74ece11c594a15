"""What cannot be shown, by a fault of ours: no other delivery waits for it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.extensions import db
from app.webhooks import attempts
from app.webhooks.catalogue import Data, shown
from tests.webhooks.house import House, hook
from tests.webhooks.script import GOOD, URL, Script, run

UNSHOWN = "It cannot be shown. The worker's log says why."


def by_python() -> None:
    """Fail as a fault in a schema does."""
    raise KeyError("status")


def by_the_database() -> None:
    """Fail as a fault in a query does: PostgreSQL refuses whatever comes after it in the same transaction."""
    db.session.execute(text("SELECT nothing FROM nowhere"))


@pytest.fixture(params=[by_python, by_the_database])
def unshowable(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer 1 cannot be shown."""
    fail: Callable[[], None] = request.param

    def show(event: str, about: Data) -> Data:
        if about.get("offer_id") == 1:
            fail()
        return shown(event, about)

    monkeypatch.setattr(attempts, "shown", show)


@pytest.mark.usefixtures("unshowable")
def test_what_cannot_be_shown(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """A failure of its own: the next ones arrive at once, the endpoint is not to blame, and the list says so."""
    script.outcomes[URL] = [GOOD]
    for offer in (1, 2, 3):
        house.happen(offer_id=offer)
    house.work()
    third, second, first = house.deliveries(endpoint)
    assert (third["status"], second["status"], len(script.calls)) == ("delivered", "delivered", 2)
    assert (first["status"], first["attempts"], first["last_error"]) == ("pending", 1, UNSHOWN)
    assert hook(endpoint).failures == 0
    run(house, now, now + timedelta(days=4))
    first = house.deliveries(endpoint)[-1]
    assert (first["status"], first["attempts"] > 10, len(script.calls)) == ("failed", True, 2)
    assert house.read(endpoint)["active"]


def test_what_could_be_shown_in_the_end(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """Once the fault is mended, it arrives."""
    script.outcomes[URL] = [GOOD]
    with pytest.MonkeyPatch.context() as faulty:
        faulty.setattr(attempts, "shown", lambda *_args: by_python())
        house.happen()
        house.work()
    house.work(now + timedelta(seconds=5))
    delivery = house.delivery(endpoint)
    assert (delivery["status"], delivery["attempts"], delivery["last_error"]) == ("delivered", 2, "")
