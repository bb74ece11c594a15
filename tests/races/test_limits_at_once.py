"""One client asks fifty times at the same moment: for more than it may have, or for the same thing under one key."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.bookings.service.holds import MOST_HOLDS
from app.extensions import db
from app.kit.clock import utcnow
from app.models import Booking, BookingKind, BookingStatus
from app.transactions import transaction
from tests.factories import make_service, make_working_staff
from tests.races.callers import CALLERS, CLIENT_LIMIT, Arena, Call, Caller, Race, on_day, outcomes, slot, won
from tests.servers import Answer

LEFT = 3
"""Bookings that the client may still make."""


def almost_at_the_limit() -> Caller:
    """Return a new client with so many bookings ahead that only `LEFT` more are lawful."""
    client, ahead = Caller.signed_in(), utcnow() + timedelta(days=1)
    fields = {
        "kind": BookingKind.SERVICE,
        "status": BookingStatus.CONFIRMED,
        "client_id": client.actor.id,
        "starts_at": ahead,
        "ends_at": ahead + timedelta(hours=1),
        "cancel_free_until": ahead,
        "timezone": "UTC",
        "currency": "KES",
        "total_amount": 0,
    }
    with transaction():
        for _ in range(CLIENT_LIMIT - LEFT):
            db.session.add(Booking(reference=f"BK-{uuid4().hex[:12]}", **fields))
    return client


def bookings(_nth: int) -> list[Call]:
    """One client wants fifty different hours."""
    client, service = almost_at_the_limit(), make_service()
    jane = make_working_staff(service)
    wish = {"service_id": service.id, "staff_id": jane.id}
    return [Call(client, "/api/bookings", wish | {"starts_at": slot(n)}) for n in range(CALLERS)]


def holds(_nth: int) -> list[Call]:
    """BK-27: one client wants to hold fifty different hours."""
    client, service = Caller.signed_in(), make_service()
    jane = make_working_staff(service)
    wish = {"service_id": service.id, "staff_id": jane.id}
    return [Call(client, "/api/bookings/holds", wish | {"starts_at": slot(n)}) for n in range(CALLERS)]


def twins(nth: int) -> list[Call]:
    """One client asks for anybody's hour, which three have, again and again under one key."""
    service = make_service()
    for _ in range(3):
        make_working_staff(service)
    wish: dict[str, object] = {"service_id": service.id, "starts_at": on_day(nth)}
    return [Call(Caller.signed_in(), "/api/bookings", wish, key="once")] * CALLERS


def ids(answers: list[Answer]) -> set[int]:
    """Return the different things that were made."""
    return {answer.json["id"] for answer in won(answers)}


@pytest.mark.race
def test_a_client_books_no_more_than_is_lawful(guarded: Arena) -> None:
    """Three 201, all others 409 client_limit."""
    for answers in guarded.rounds("client limit", bookings):
        assert outcomes(answers) == {(201, ""): LEFT, (409, "client_limit"): CALLERS - LEFT}


@pytest.mark.race
def test_a_client_holds_no_more_than_is_lawful(guarded: Arena) -> None:
    """Three 201, all others 429 too_many_holds."""
    for answers in guarded.rounds("hold limit", holds):
        assert outcomes(answers) == {(201, ""): MOST_HOLDS, (429, "too_many_holds"): CALLERS - MOST_HOLDS}


@pytest.mark.race
def test_one_key_books_once(guarded: Arena) -> None:
    """All 201 with one and the same booking; all but one of them are replayed."""
    for answers in guarded.rounds("idempotency twins", twins):
        replayed = [answer for answer in answers if answer.headers.get("idempotent-replayed") == "true"]
        assert outcomes(answers) == {(201, ""): CALLERS}
        assert (len(ids(answers)), len(replayed)) == (1, CALLERS - 1)


@pytest.mark.race
@pytest.mark.parametrize(
    ("race", "guard", "lawful"), [(bookings, "limit", LEFT), (holds, "limit", MOST_HOLDS), (twins, "key", 1)]
)
def test_without_the_guard_the_race_is_seen(unguarded: Arena, race: Race, guard: str, lawful: int) -> None:
    """The control: look at the count, or for the key, let go, and go on."""
    assert unguarded.catches(guard, race, lambda answers: len(ids(answers)) > lawful)
