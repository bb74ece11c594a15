"""Work that many ask for at once: done by one for all, and never begun before somebody asked."""

import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from app.kit.coalescing import Coalesced

SECONDS = 10
"""More than any of this takes."""


class Watched(Coalesced[Any]):
    """Tells when somebody has come."""

    def __init__(self, patience: float = SECONDS) -> None:
        super().__init__(patience)
        self.came = threading.Semaphore(0)

    def _enter(self, key: Hashable) -> Any:
        found = super()._enter(key)
        self.came.release()
        return found


class Desk:
    """Threads that ask for one thing, while the first of them is kept at its work."""

    def __init__(self, threads: ThreadPoolExecutor, coalesced: Watched) -> None:
        self.threads, self.coalesced = threads, coalesced
        self.go_on = threading.Event()

    def ask(self, work: Callable[[], object], key: str = "key") -> Future[Any]:
        """Ask in a thread of its own, and go on when it has come."""
        asked = self.threads.submit(self.coalesced.get, key, work)
        assert self.coalesced.came.acquire(timeout=SECONDS)
        return asked

    def keep_busy(self) -> Future[Any]:
        """Ask for what does not end before `go_on`."""
        return self.ask(lambda: ["the first"] * self.go_on.wait(SECONDS))


@contextmanager
def desk(coalesced: Watched) -> Iterator[Desk]:
    """Open a desk; in the end nobody is waited for."""
    with ThreadPoolExecutor(8) as threads:
        opened = Desk(threads, coalesced)
        try:
            yield opened
        finally:
            opened.go_on.set()
    assert (coalesced._running, coalesced._next) == ({}, {})


def test_who_comes_meanwhile_is_served_by_the_next() -> None:
    """Five wait; one of them works for all, after they came; what ended later than they came is not theirs."""
    done: list[int] = []

    def work() -> int:
        done.append(1)
        return len(done)

    with desk(Watched()) as at:
        first = at.keep_busy()
        others = [at.ask(work) for _ in range(5)]
        assert done == []
        at.go_on.set()
        assert first.result() == ["the first"]
        assert [one.result() for one in others] == [1] * 5
        assert at.ask(work).result() == 2


def test_who_comes_while_the_next_works_waits_once_more() -> None:
    """What has begun serves nobody who comes then."""
    begun, end = threading.Event(), threading.Event()

    def second() -> str:
        begun.set()
        end.wait(SECONDS)
        return "the second"

    with desk(Watched()) as at:
        first, waiting = at.keep_busy(), at.ask(second)
        at.go_on.set()
        assert begun.wait(SECONDS)
        late = at.ask(lambda: "the third")
        end.set()
        assert (first.result(), waiting.result(), late.result()) == (["the first"], "the second", "the third")


def test_another_thing_is_not_waited_for() -> None:
    """It is done at once."""
    with desk(Watched()) as at:
        at.keep_busy()
        assert at.ask(lambda: "another", key="another").result(SECONDS) == "another"


def test_where_it_fails_each_does_it_alone() -> None:
    """Whoever failed has the error, and nobody else."""

    def fail() -> None:
        raise ZeroDivisionError

    with desk(Watched()) as at:
        at.keep_busy()
        failing = at.ask(fail)
        others = [at.ask(partial(str, n)) for n in range(3)]
        at.go_on.set()
        with pytest.raises(ZeroDivisionError):
            failing.result()
        assert [one.result() for one in others] == ["0", "1", "2"]


def test_where_it_takes_too_long_each_does_it_alone() -> None:
    """Who was to be next begins, and who waits for him waits no longer than for two."""
    slow = threading.Event()
    with desk(Watched(patience=0.05)) as at:
        first = at.keep_busy()
        second, third = at.ask(lambda: ["the second"] * slow.wait(SECONDS)), at.ask(lambda: "the third")
        assert third.result(SECONDS) == "the third"
        slow.set()
        assert second.result(SECONDS) == ["the second"]
        assert not first.done()
