"""What is offered in place of a time that cannot be had: up to five slots nearest to it.

Of fifty who want one time, forty-nine are refused at the same moment, and all are to be offered the same: in each
process one of them looks for all who wait.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial

from app.bookings.errors import RANK
from app.bookings.request import Request
from app.bookings.slots import Shown, nearest
from app.bookings.wishes import NOTHING, Own, Wish, read_wish
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.coalescing import Coalesced
from app.transactions import reading
from app.users.errors import ClientBlocked

TIME_REFUSED = tuple(RANK.keys() - {ClientBlocked})
"""The reasons against a time; a blocked client is offered no other."""

PATIENCE = 1.0
"""For how many seconds one waits for the look of another; a look takes some milliseconds."""

_looks: Coalesced[list[Shown]] = Coalesced(PATIENCE)


@contextmanager
def offering_alternatives(request: Request) -> Iterator[None]:
    """Let a reason against the time that is raised inside offer what is near the request, once all is taken back.

    Not before: who waits for the look of another holds no connection, no transaction and no lock.
    """
    try:
        yield
    except TIME_REFUSED as refusal:
        refusal.later = partial(_offered, request)
        raise


def alternatives_for(request: Request) -> list[Shown]:
    """Return what is near a request, as the present transaction sees it. Raises `NotFound`."""
    return alternatives_to(read_wish(request), request.starts_at, NOTHING)


def alternatives_to(wish: Wish, starts_at: datetime, own: Own) -> list[Shown]:
    """Return what is near a wished start."""
    return [slot.shown() for slot in nearest(wish.near(starts_at, utcnow(), own), starts_at)]


def _offered(request: Request) -> dict[str, list[Shown]]:
    return {"alternatives": _looks.get(_what_counts(request), partial(_look, request))}


def _look(request: Request) -> list[Shown]:
    with reading():
        return alternatives_for(request)


def _what_counts(request: Request) -> Hashable:
    """Return what alternatives depend on, beside the diaries of a database: all of the request but whose it is.

    What is near is the same for everybody, with whatever role, hold, or bookings ahead.
    """
    parts = tuple(replace(asked, path="") for asked in request.parts)
    nobodys = replace(request, parts=parts, hold_id=None, client_id=None, for_self=False, notes="")
    return db.engine, nobodys
