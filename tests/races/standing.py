"""How one stands in another's way: a change is written and not committed while a request for the same thing arrives."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from flask import Flask

from app.transactions import transaction
from tests.api import Api
from tests.factories import PASSWORD

PAUSE = 0.4
"""Seconds in which the request arrives where it has to wait; less than any database waits for a lock."""


def overtaken(app: Flask, change: Callable[[], object], ask: Callable[[Api], Any]) -> Any:
    """Write `change`, commit it once `ask` waits for it, and return the answer to `ask`."""
    with ThreadPoolExecutor(1) as pool, transaction():
        change()
        asked = pool.submit(lambda: ask(Api(app.test_client())))
        wait([asked], PAUSE)
        assert not asked.done(), asked.result().json
    return asked.result()


def behind(
    monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str], first: Callable[[], Any], second: Callable[[], Any]
) -> tuple[Any, Any]:
    """Run `first`, and `second` while the first stands behind the function at `place`; return what both return."""
    module, name = place
    real, answers = getattr(module, name), []
    late = threading.Thread(target=lambda: answers.append(second()))

    def stand(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        if threading.current_thread() is not late and not late.ident:
            late.start()
            late.join(PAUSE)
        return found

    monkeypatch.setattr(module, name, stand)
    answer = first()
    late.join()
    return answer, answers[0]


def erase(app: Flask, token: str) -> Callable[[], tuple[int, Any]]:
    """Return a function by which a client has itself erased; it returns status and code."""

    def ask() -> tuple[int, Any]:
        answer = Api(app.test_client()).post("/api/users/me/erase", {"password": PASSWORD}, token=token)
        return answer.status_code, (answer.json or {}).get("code") if answer.data else None

    return ask
