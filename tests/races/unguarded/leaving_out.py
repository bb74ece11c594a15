"""How a function of the application is left out, and what stands for it has in common.

Whoever goes without a guard looks first, lets go of what is locked, lingers as long as others take to look too, and
then acts on what it saw.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from app.extensions import db
from app.models import Booking, Order
from app.transactions import reading
from tests.races.callers import WITHOUT

LINGER = 0.1
"""Seconds between looking and acting."""

Function = Callable[..., Any]


def instead_of(module: ModuleType, name: str, *guards: str) -> Callable[[Function], Function]:
    """Let a function stand for another, which it is given first, in requests that go without one of `guards`."""
    real: Function = getattr(module, name)

    def decorate(function: Function) -> Function:
        def chosen(*args: Any, **kwargs: Any) -> Any:
            unguarded = request.headers.get(WITHOUT) in guards
            return function(real, *args, **kwargs) if unguarded else real(*args, **kwargs)

        setattr(module, name, chosen)
        return function

    return decorate


@contextmanager
def looking() -> Iterator[None]:
    """Let go of what is locked, look, and linger."""
    db.session.commit()
    with reading():
        yield
    time.sleep(LINGER)


def go_on_with(row: Booking | Order) -> None:
    """Believe a row as it was read, whatever has become of it; the version counter does not notice."""
    model = type(row)
    version = select(model.version).where(model.id == row.id).with_for_update()
    set_committed_value(row, "version", db.session.scalars(version).one())
