"""What is offered in place of a time that cannot be had: looked for by one for all who are refused at the moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.bookings.request import Asked, Request
from app.bookings.service import alternatives
from app.extensions import db
from app.kit.coalescing import Coalesced
from app.models import Role, Service, Staff
from tests.api import Api
from tests.bookings.desk import BOOKINGS, HOLDS, NOW, made, one
from tests.factories import make_user, token_for

SECONDS = 10
HOUR = timedelta(hours=1)
TEN = NOW + 4 * HOUR

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def taken(api: Api, service: Service, staff: Staff) -> dict[str, Any]:
    """What everybody asks for, and somebody has."""
    wanted = one(service, "10:00", staff_id=staff.id)
    made(api, make_user(), wanted)
    return wanted


class Watched(Coalesced[Any]):
    """Notes of each who asks what he holds by then."""

    def __init__(self) -> None:
        super().__init__(SECONDS)
        self.held: list[tuple[bool, int]] = []
        self.came = threading.Semaphore(0)

    def _enter(self, key: Any) -> Any:
        self.held.append((db.session().in_transaction(), db.engine.pool.checkedout()))  # type: ignore[attr-defined]  # a QueuePool
        found = super()._enter(key)
        self.came.release()
        return found


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """What those who are refused ask."""
    watched = Watched()
    monkeypatch.setattr(alternatives, "_looks", watched)
    return watched


@pytest.mark.parametrize("path", [BOOKINGS, f"{BOOKINGS}?dry_run=true", HOLDS])
@pytest.mark.parametrize("key", [None, "a key"])
def test_nothing_is_held_meanwhile(api: Api, looks: Watched, taken: dict[str, Any], path: str, key: str | None) -> None:
    """No transaction, and so no lock; no connection: the pool has them all."""
    db.session.remove()
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = api.post(path, taken, token=token_for(make_user()), headers=headers)
    assert (answer.status_code, len(answer.json["alternatives"])) == (409, 5)
    assert looks.held == [(False, 0)]


def test_one_looks_for_all(app: Flask, looks: Watched, taken: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first looks three more are refused, of whatever role: one of them looks, and all have the same."""
    go_on, looked, look = threading.Event(), [], alternatives._look

    def watched(request: Request) -> Any:
        looked.append(request.client_id)
        assert go_on.wait(SECONDS)
        return look(request)

    monkeypatch.setattr(alternatives, "_look", watched)
    client, admin = make_user(), make_user(Role.ADMIN)
    asked = [(token_for(make_user()), taken), (token_for(make_user()), taken | {"notes": "By the window."})]
    asked += [(token_for(admin), taken | {"client_id": client.id}), (token_for(admin), taken | {"for_self": True})]
    with ThreadPoolExecutor(len(asked)) as threads:
        answers = []
        for token, body in asked:
            answers.append(threads.submit(Api(app.test_client()).post, BOOKINGS, body, token=token))
            assert looks.came.acquire(timeout=SECONDS)
        go_on.set()
        told = [one.result().json for one in answers]
    assert [one["code"] for one in told] == ["slot_taken"] * 4
    assert [one["alternatives"] for one in told] == [told[0]["alternatives"]] * 4
    assert len(told[0]["alternatives"]) == 5
    assert len(looked) == 2


def test_what_is_committed_by_then_is_seen(
    api: Api, looks: Watched, taken: dict[str, Any], service: Service, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look reads what there is when it begins, and not what there was when the request came."""
    look = alternatives._look

    def late(request: Request) -> Any:
        monkeypatch.undo()
        made(api, make_user(), one(service, "11:00", staff_id=staff.id))
        return look(request)

    monkeypatch.setattr(alternatives, "_look", late)
    answer = api.post(BOOKINGS, taken, token=token_for(make_user()))
    starts = [slot["starts_at"][11:16] for slot in answer.json["alternatives"]]
    assert starts == ["09:00", "12:00", "12:15", "12:30", "12:45"]


def test_what_counts(app: Flask) -> None:
    """All that is asked for, and nothing of whose it is."""
    asked = Request(TEN, (Asked(1, 2, "items.0."),), party_size=2, client_id=3, hold_id=4, notes="Hush.")
    others = [Request(TEN, (Asked(1, 2),), party_size=2), replace(asked, for_self=True, client_id=None)]
    assert {alternatives._what_counts(other) for other in others} == {alternatives._what_counts(asked)}
    different = [
        replace(asked, starts_at=asked.starts_at + timedelta(seconds=1)),
        replace(asked, parts=(Asked(1),)),
        replace(asked, parts=(Asked(2, 2),)),
        replace(asked, parts=(Asked(1, 2, not_by=frozenset({5})),)),
        replace(asked, parts=(Asked(1, 2), Asked(1, 2))),
        replace(asked, parts=(), space_id=1, ends_at=TEN + HOUR),
        replace(asked, parts=(), space_id=1, ends_at=TEN + 2 * HOUR),
        replace(asked, parts=(), space_id=2, ends_at=TEN + 2 * HOUR),
        replace(asked, party_size=3),
    ]
    counted = {alternatives._what_counts(other) for other in [asked, *different]}
    assert len(counted) == 1 + len(different)
