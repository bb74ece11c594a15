"""Retry safety for what goes on outside the transaction in which it began, because others are asked in between.

The key's row is written with what was begun and says where to go on; the answer follows. Whoever repeats the request
waits for that answer at most 2 s, and then goes on itself: after a crash nobody else would.
"""

import functools
import time
from collections.abc import Callable
from typing import Any, Final

from flask import Response
from sqlalchemy import update

from app.extensions import BULK, db
from app.models import IdempotencyKey
from app.security.idempotency import (
    PARAMETER,
    KeyReused,
    RequestInProgress,
    claim,
    first_request,
    present_key,
    shown,
    store,
)
from app.transactions import reading, transaction
from app.web.error_docs import noting

PAUSE_SECONDS: Final = 0.1
MOST_PAUSES: Final = 20

View = Callable[..., Response]


def begun_by(begin: Callable[..., int]) -> Callable[[View], View]:
    """Let `begin` take effect once for each key of a caller, in a transaction; then the view goes on from there.

    `begin` is given what the view is asked with, and returns the id of what it wrote. The view is given that id, and
    `again`: whether somebody else may have gone on from there before. It stands before the answer.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def once(*args: Any, **kwargs: Any) -> Response:
            key = present_key()
            with transaction():
                row_id = None if key is None else claim(key)
                thing_id = None
                if key is None or row_id is not None:
                    thing_id = begin(*args, **kwargs)
                if row_id is not None and thing_id is not None:
                    _bookmark(row_id, thing_id)
            if key is None:
                return view(thing_id, again=False)
            return _go_on(view, key, thing_id)

        return noting(parameters=(PARAMETER,), refusals=(KeyReused, RequestInProgress))(once)

    return decorate


def _go_on(view: View, key: str, begun: int | None) -> Response:
    """Answer by the view, and keep the answer; unless there is one already, which is the answer then.

    `begun` is what this very request has written, if it was the first.
    """
    again = begun is None
    if begun is None:
        first = _wait(key)
        if first.status is not None:
            return shown(first)
        begun = int(first.location or 0)
    answer = view(begun, again=again)
    with transaction():
        first = first_request(key)
        if first.status is not None:
            return shown(first)
        store(first.id, answer)
    return answer


def _wait(key: str) -> IdempotencyKey:
    """Return the first request of a key, with its answer if that comes soon. Raises `KeyReused`."""
    pauses = 0
    while True:
        with reading():
            first = first_request(key)
        if first.status is not None or pauses == MOST_PAUSES:
            return first
        pauses += 1
        time.sleep(PAUSE_SECONDS)


def _bookmark(row_id: int, thing_id: int) -> None:
    """Write where to go on: in place of where the answer will say that the new thing is."""
    row = update(IdempotencyKey).where(IdempotencyKey.id == row_id)
    db.session.execute(row.values(location=str(thing_id)), execution_options=BULK)
