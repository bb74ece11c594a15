"""Turns at heavy work."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.kit.errors import Unavailable
from app.kit.turns import Turns


class Full(Unavailable):
    """For this test."""


def test_few_at_once_few_wait_and_others_go() -> None:
    """Of six, two work, one waits, three are sent away; and after an error a turn is free again."""
    turns = Turns(at_once=2, waiting=1, busy=Full)
    go_on, arrived, at_work = threading.Event(), threading.Semaphore(0), []

    def work() -> int:
        arrived.release()
        with turns.taken():
            at_work.append(1)
            found = len(at_work)
            go_on.wait(10)
            at_work.pop()
        return found

    with ThreadPoolExecutor(3) as threads:
        working = [threads.submit(work) for _ in range(3)]
        for _ in range(3):
            arrived.acquire(timeout=10)
        while turns.places._value:
            pass
        for _ in range(3):
            with pytest.raises(Full), turns.taken():
                pass
        go_on.set()
        assert max(one.result() for one in working) == 2
    with pytest.raises(ZeroDivisionError), turns.taken():
        raise ZeroDivisionError
    for _ in range(5):
        with turns.taken():
            pass
