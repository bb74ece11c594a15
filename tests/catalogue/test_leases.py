"""A lease by itself: until when it holds, who asks, and what it does where nobody answers."""

import threading

import psycopg2
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.leases import MARGIN_SECONDS, Lease
from tests.catalogue.conftest import Clock

TENTH = 0.1


def counting(clock: Clock, *takes: float) -> tuple[Lease, list[float]]:
    """Return a lease of a tenth of a second, whose states are counted, and the moments at which it asked.

    The nth question takes the nth of so many seconds, later ones none.
    """
    asked: list[float] = []

    def ask() -> int:
        asked.append(clock.seconds)
        clock.seconds += takes[len(asked) - 1] if len(asked) <= len(takes) else 0
        return len(asked)

    return Lease(ask, TENTH), asked


def test_it_asks_again_before_it_has_run_out(clock: Clock) -> None:
    """Once in seven tenths of it, however often somebody wants to know."""
    lease, asked = counting(clock)
    assert [lease.state() for _ in range(3)] == [1, 1, 1]
    clock.seconds += 0.069
    assert lease.state() == 1
    clock.seconds += 0.002
    assert [lease.state() for _ in range(3)] == [2, 2, 2]
    assert len(asked) == 2


def test_it_counts_from_before_it_asked(clock: Clock) -> None:
    """What was answered late is known for the rest of the time only; later than that, not at all."""
    lease, _ = counting(clock, 0.065, 0.1)
    assert lease.state() == 1
    clock.seconds += 0.006
    assert lease.state() is None  # asked anew, and answered when that had run out, too
    assert lease.state() == 3


def test_others_go_on_while_one_asks(clock: Clock) -> None:
    """By what is known, and not a moment longer than that holds."""
    ask_now, may_answer, asked = threading.Event(), threading.Event(), []

    def ask() -> int:
        asked.append(1)
        if len(asked) == 2:
            ask_now.set()
            assert may_answer.wait(10)
        return len(asked)

    lease = Lease(ask, TENTH)
    assert lease.state() == 1
    clock.seconds += 0.08
    one = threading.Thread(target=lease.state)
    one.start()
    assert ask_now.wait(10)
    try:
        assert lease.state() == 1
        clock.seconds += 0.0199
        assert lease.state() == 1
        clock.seconds += 0.0002
        assert lease.state() is None
    finally:
        may_answer.set()
        one.join()
    assert len(asked) == 2


AWAY = (OperationalError("SELECT", None, Exception()), NoConnection(), psycopg2.InterfaceError())


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_where_nobody_answers(clock: Clock, error: Exception) -> None:
    """Nothing is known, and asked again in a while: not by each who wants to know."""
    tries = []

    def fail() -> int:
        tries.append(1)
        raise error

    lease = Lease(fail, TENTH)
    assert [lease.state() for _ in range(3)] == [None, None, None]
    assert len(tries) == 1
    clock.seconds += 0.071
    assert lease.state() is None
    assert len(tries) == 2


def test_what_is_wrong_with_us_is_not_hidden(clock: Clock) -> None:
    """An error of our own is one, and stands in nobody's way later."""
    divisors = [0, 1]
    lease = Lease(lambda: 7 // divisors.pop(0), TENTH)
    with pytest.raises(ZeroDivisionError):
        lease.state()
    assert lease.state() == 7


def test_a_change_outlasts_all_leases(clock: Clock) -> None:
    """It waits a little longer than they hold, and this process asks anew at once."""
    lease, asked = counting(clock)
    lease.state()
    lease.outlast()
    assert clock.slept == [TENTH + MARGIN_SECONDS]
    clock.seconds = asked[0]  # as for another thread, which comes during the wait
    assert lease.state() == 2
