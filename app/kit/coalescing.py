"""Coalescing: of many threads of this process that ask the same at one moment, one works it out for all.

As with the group commit of a database, nobody is answered with what began before he asked: who comes while one is at
work waits for the next one, who begins after that and serves all who wait by then.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Found = TypeVar("Found")


class _Run(Generic[Found]):
    """One thread's work, which others may wait for; `found` is empty until it has ended, and where it failed."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.found: list[Found] = []


class Coalesced(Generic[Found]):
    """Works out what many ask at once. What it finds is shared between threads: nobody may change it.

    Whoever asks should hold nothing that others need, such as a connection or a lock, while he waits.
    """

    def __init__(self, patience: float) -> None:
        """Let nobody wait for one run of somebody else for more than `patience` seconds."""
        self._patience = patience
        self._lock = threading.Lock()
        self._running: dict[Hashable, _Run[Found]] = {}
        self._next: dict[Hashable, _Run[Found]] = {}

    def get(self, key: Hashable, work: Callable[[], Found]) -> Found:
        """Return what `work` does, or what it did for another who asked for the same `key`: begun after this call.

        Where the other one fails, or takes too long, it is done for this caller alone. Raises what `work` does.
        """
        run, before, leads = self._enter(key)
        if leads:
            return self._lead(key, run, before, work)
        run.ended.wait(2 * self._patience)  # as long as its leader waits, and as long again for his work
        return run.found[0] if run.found else work()

    def _enter(self, key: Hashable) -> tuple[_Run[Found], _Run[Found] | None, bool]:
        """Return the run that serves the caller, which one it follows, and whether the caller is to do it."""
        with self._lock:
            if key in self._next:
                return self._next[key], None, False
            run, before = _Run[Found](), self._running.get(key)
            (self._running if before is None else self._next)[key] = run
            return run, before, True

    def _lead(self, key: Hashable, run: _Run[Found], before: _Run[Found] | None, work: Callable[[], Found]) -> Found:
        try:
            if before is not None:
                before.ended.wait(self._patience)
                self._begin(key, run)
            run.found.append(work())
            return run.found[0]
        finally:
            self._end(key, run)

    def _begin(self, key: Hashable, run: _Run[Found]) -> None:
        """Let who comes from now on wait for another run."""
        with self._lock:
            self._running[key] = self._next.pop(key)

    def _end(self, key: Hashable, run: _Run[Found]) -> None:
        run.ended.set()
        with self._lock:
            for runs in (self._running, self._next):
                if runs.get(key) is run:
                    del runs[key]
