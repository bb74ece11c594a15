"""How one stands in another's way: a change is written and not committed while a request for the same thing arrives."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from flask import Flask

from app.transactions import transaction
from tests.api import Api

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
