"""What is counted of the callers of a migration: `make upgrades` has them call, which takes half an hour."""

from tests.cases import each_case
from tests.migrations.load import Answer, Load

LIMIT = 1.0
GOOD = Answer("GET /api/services", 200, 0.1)
BOOKED = Answer("POST /api/bookings", 201, 0.1)
TAKEN = Answer("POST /api/bookings", 409, 0.1)


@each_case("status", [0, 400, 401, 404, 409, 422, 429, 500, 503])
def test_whatever_is_not_good_is_a_failure(status: int) -> None:
    load = Load("requests", is_served=True, answers=[BOOKED, Answer("GET /api/bookings", status, 0.1)])
    assert load.failures == {f"GET /api/bookings {status}": 1}
    assert not load.holds(LIMIT)


def test_a_time_that_is_taken_is_none() -> None:
    load = Load("requests", is_served=True, answers=[GOOD, BOOKED, TAKEN])
    assert (load.failures, load.written(), load.holds(LIMIT)) == ({}, 1, True)


def test_a_program_that_keeps_nothing_proves_nothing() -> None:
    assert not Load("requests", is_served=True, answers=[GOOD, TAKEN]).holds(LIMIT)
    assert Load("plain SQL", answers=[GOOD]).holds(LIMIT)
    assert not Load("plain SQL").holds(LIMIT)


def test_nobody_may_wait_for_long() -> None:
    assert not Load("requests", is_served=True, answers=[BOOKED, Answer("GET /api/services", 200, 1.1)]).holds(LIMIT)
