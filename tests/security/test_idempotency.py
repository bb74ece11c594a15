"""Retry safety: a request repeated under its `Idempotency-Key` has the first answer, and no second effect."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import Booking, Hold, IdempotencyKey, Role, Service, Staff, User
from app.security import idempotency
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, HOLDS, NOW, at, everything, one, taken
from tests.cases import each_case
from tests.factories import make_service, make_user, make_working_staff, token_for

DAY = timedelta(hours=24)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def ada(app: Flask) -> User:
    """A client."""
    return make_user()


@pytest.fixture
def service(app: Flask) -> Service:
    """A service of an hour."""
    return make_service()


@pytest.fixture
def staff(service: Service) -> Staff:
    """Somebody who performs it."""
    return make_working_staff(service)


def post(api: Api, who: User, body: Any, key: str = "k-1", path: str = BOOKINGS, **options: Any) -> Any:
    """POST a body under a key."""
    return api.post(path, body, token=token_for(who), headers={"Idempotency-Key": key}, **options)


def keys() -> list[str]:
    """Return the keys that are kept."""
    found = list(db.session.scalars(select(IdempotencyKey.key)))
    db.session.commit()
    return found


@pytest.mark.parametrize("path", [BOOKINGS, HOLDS])
def test_the_first_answer_again(api: Api, ada: User, service: Service, staff: Staff, path: str) -> None:
    """The same status, Location and bytes, and the header that says so; nothing is written a second time."""
    first = post(api, ada, one(service, "10:00"), path=path)
    assert (first.status_code, "Idempotent-Replayed" in first.headers) == (201, False)
    before = everything()
    again = post(api, ada, one(service, "10:00"), path=path)
    assert (again.status_code, again.headers["Idempotent-Replayed"], again.data) == (201, "true", first.data)
    assert (again.headers["Location"], again.content_type) == (first.headers["Location"], first.content_type)
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-store"
    assert everything() == before
    assert taken() == [(staff.id, "10:00", "11:00")]


def test_the_answer_of_then(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Though the booking is another by now."""
    first = post(api, ada, one(service, "10:00"))
    api.post(f"{BOOKINGS}/{first.json['id']}/cancel", {}, token=token_for(ada))
    assert post(api, ada, one(service, "10:00")).json == first.json
    assert taken() == []


def test_the_order_of_fields_is_nothing(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Nor are spaces, or a slash at the end of the path."""
    first = post(api, ada, one(service, "10:00"))
    backwards = dict(reversed(one(service, "10:00").items()))
    assert post(api, ada, backwards, path=f"{BOOKINGS}/").data == first.data


@each_case(
    ("body", "path"),
    [
        ({"starts_at": at("12:00")}, BOOKINGS),
        ({"notes": ""}, BOOKINGS),
        ({"party_size": 1}, BOOKINGS),
        ({}, HOLDS),
        ({}, f"{BOOKINGS}?a=b"),
    ],
)
def test_for_something_else(
    api: Api, ada: User, service: Service, staff: Staff, body: dict[str, Any], path: str
) -> None:
    """422, and nothing happens: another body, another path, another query."""
    post(api, ada, one(service, "10:00"))
    before = everything()
    answer = post(api, ada, one(service, "10:00") | body, path=path)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert list(answer.json["errors"]) == ["Idempotency-Key"]
    assert everything() == before


def test_refusals_are_not_kept(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """409, 422 and 404 leave the key free for the next attempt, of whatever body."""
    for body, status in (
        (one(service, "10:07"), 409),
        (one(service, "10:00", party_size=0), 422),
        (one(service, "10:00", staff_id=2**62), 404),
    ):
        assert post(api, ada, body).status_code == status
        assert keys() == []
    assert post(api, ada, one(service, "10:00")).status_code == 201
    assert keys() == ["k-1"]


def test_ones_own(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """PAY-04: another caller's key is another key, whatever it says."""
    eve = make_user()
    first = post(api, ada, one(service, "10:00"))
    other = post(api, eve, one(service, "12:00"))
    assert (other.status_code, other.json["client_id"]) == (201, eve.id)
    assert post(api, ada, one(service, "10:00")).data == first.data
    taken_by_ada = post(api, eve, one(service, "10:00"), "k-2")
    assert (taken_by_ada.status_code, taken_by_ada.json["code"]) == (409, "slot_taken")


def test_for_a_day(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Up to its last moment the first answer; from then on a new request, also of another body."""
    first = post(api, ada, one(service, "10:00"))
    with clock.frozen(NOW + DAY - timedelta(microseconds=1)):
        assert post(api, ada, one(service, "10:00")).data == first.data
    later = one(service, "10:00") | {"starts_at": at("10:00", "2030-01-10")}
    with clock.frozen(NOW + DAY):
        second = post(api, ada, later)
        assert (second.status_code, "Idempotent-Replayed" in second.headers) == (201, False)
        assert post(api, ada, later).data == second.data
        assert second.json["id"] != first.json["id"]
    assert keys() == ["k-1"]


@pytest.mark.parametrize("key", ["", " ", "a" * 256, "a b\tc", "é", " a", "a ", "\x7f"])
def test_keys_that_are_none(api: Api, ada: User, service: Service, staff: Staff, key: str) -> None:
    """PAY-07: 422 naming the header, and nothing happens; one character to 255 will do."""
    answer = post(api, ada, one(service, "10:00"), key)
    if answer.status_code == 201:  # the client itself strips what stands around a value
        assert key.strip() != key
        return
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["Idempotency-Key"])
    assert taken() == []


@pytest.mark.parametrize("key", ["a", "a" * 255, "{~!} ok"])
def test_keys_that_will_do(api: Api, ada: User, service: Service, staff: Staff, key: str) -> None:
    """Whatever can be printed."""
    first = post(api, ada, one(service, "10:00"), key)
    assert post(api, ada, one(service, "10:00"), key).data == first.data
    assert keys() == [key]


def test_without_a_key(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Twice is twice: PAY-07 asks for no key, and so the second one finds the time taken."""
    token = token_for(ada)
    assert [api.post(BOOKINGS, one(service, "10:00"), token=token).status_code for _ in (1, 2)] == [201, 409]
    assert keys() == []


def test_a_rehearsal_needs_no_key(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """It is ignored: neither kept, nor replayed, nor taken for the real request."""
    query = {"dry_run": "true"}
    for _ in (1, 2):
        answer = post(api, ada, one(service, "10:00"), query=query)
        assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (200, False)
    assert keys() == []
    assert post(api, ada, one(service, "10:00")).status_code == 201
    assert post(api, ada, one(service, "12:00"), query=query).status_code == 200


def test_what_cannot_be_rehearsed_is_done_once(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """A hold takes no `dry_run`: with it in the query, a key counts all the same."""
    first = post(api, ada, one(service, "10:00"), path=HOLDS, query={"dry_run": "true"})
    again = post(api, ada, one(service, "10:00"), path=HOLDS, query={"dry_run": "true"})
    assert (first.status_code, again.data) == (201, first.data)
    assert db.session.query(Hold).count() == 1


def test_nothing_is_left_of_what_failed(
    api: Api, ada: User, service: Service, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies before its commit leaves no key: the repetition does the work."""
    monkeypatch.setattr(idempotency, "store", _die)
    assert post(api, ada, one(service, "10:00")).status_code == 500
    assert all(not rows for rows in everything().values())
    monkeypatch.undo()
    answer = post(api, ada, one(service, "10:00"))
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)


def _die(*_args: object) -> None:
    raise RuntimeError


def test_twins(app: Flask, ada: User, service: Service, staff: Staff) -> None:
    """PAY-02: of eight at once one does the work, seven have its answer."""
    token, together = token_for(ada), threading.Barrier(8)

    def ask() -> Any:
        together.wait()
        headers = {"Idempotency-Key": "twins"}
        return Api(app.test_client()).post(BOOKINGS, one_of, token=token, headers=headers)

    one_of = one(service, "10:00")
    db.session.commit()
    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(ask) for _ in range(8)]]
    assert {(a.status_code, a.data) for a in answers} == {(201, answers[0].data)}
    assert sorted("Idempotent-Replayed" in a.headers for a in answers) == [False] + [True] * 7
    assert db.session.query(Booking).count() == 1


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_a_twin_waits_for_the_first_one(app: Flask, ada: User, service: Service, staff: Staff, ends: str) -> None:
    """It replays what the first one has committed, or does the work where that was taken back."""
    token, body, inside, go_on = token_for(ada), one(service, "10:00"), threading.Event(), threading.Event()

    def first() -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(idempotency, "store", stand)
            return Api(app.test_client()).post(BOOKINGS, body, token=token, headers={"Idempotency-Key": "k"})

    def stand(*args: Any) -> None:
        if not inside.is_set():
            inside.set()
            go_on.wait(5)
            if ends == "rollback":
                raise RuntimeError
        store(*args)

    def second() -> Any:
        inside.wait(5)
        return Api(app.test_client()).post(BOOKINGS, body, token=token, headers={"Idempotency-Key": "k"})

    store = idempotency.store
    db.session.commit()
    with ThreadPoolExecutor(2) as pool:
        one_, two = pool.submit(first), pool.submit(second)
        inside.wait(5)
        assert not two.done()
        go_on.set()
        answers = one_.result(), two.result()
    assert [a.status_code for a in answers] == ([201, 201] if ends == "commit" else [500, 201])
    assert ("Idempotent-Replayed" in answers[1].headers) is (ends == "commit")
    assert db.session.query(Booking).count() == 1


@pytest.mark.databases("postgresql")  # SQLite's writers stand in line from the start, for longer
def test_a_twin_does_not_wait_for_ever(app: Flask, api: Api, ada: User, service: Service, staff: Staff) -> None:
    """After two seconds 409, to be asked again in one; nothing is written."""
    body, token = one(service, "10:00"), token_for(ada)
    headers = {"Idempotency-Key": "slow"}
    with ThreadPoolExecutor(1) as pool, transaction():
        db.session.add(IdempotencyKey(user_id=ada.id, key="slow", fingerprint="f", created_at=NOW))
        db.session.flush()
        asked = pool.submit(lambda: Api(app.test_client()).post(BOOKINGS, body, token=token, headers=headers))
        answer = asked.result(timeout=6)
        db.session.rollback()
    assert (answer.status_code, answer.json["code"]) == (409, "request_in_progress")
    assert answer.headers["Retry-After"] == "1"
    assert "alternatives" not in answer.json
    assert all(not rows for rows in everything().values())
    assert api.post(BOOKINGS, body, token=token, headers=headers).status_code == 201


def test_a_row_that_others_see_has_its_answer(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """It is written with its effect: never without, never before."""
    made = post(api, ada, one(service, "10:00"))
    row = db.session.query(IdempotencyKey).one()
    assert (row.status, row.location, row.user_id) == (201, made.headers["Location"], ada.id)
    assert row.body == made.get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.CLIENT, Role.STAFF])
def test_a_key_and_no_token(api: Api, service: Service, staff: Staff, role: Role) -> None:
    """401 comes first: a key is somebody's."""
    answer = api.post(BOOKINGS, one(service, "10:00"), headers={"Idempotency-Key": "k"})
    assert answer.status_code == 401
    assert keys() == []
    someone = make_user(role)
    assert post(api, someone, one(service, "10:00", for_self=True)).status_code == 201
