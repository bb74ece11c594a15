"""The one door to time: lock, free what has lapsed, check; then claim.

The lock makes it fast, the check explains, and the database's constraint has the last word (product.md promise 1).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from app.bookings.errors import RANK, HoldExpired
from app.bookings.plan import Plan
from app.bookings.service.alternatives import TIME_REFUSED, alternatives_to
from app.bookings.service.expiry import free_overdue
from app.bookings.wishes import NOTHING, Own, Wish
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Refusal


def decide(wish: Wish, starts_at: datetime, own: Own = NOTHING) -> Plan:
    """Return what is booked, its resources being locked; or raise the first reason why it cannot be."""
    found = look_at(wish, starts_at, own)
    free_overdue([resource_id for resource_id, _, _ in found.taken], utcnow())
    return found


def look_at(wish: Wish, starts_at: datetime, own: Own = NOTHING) -> Plan:
    """Return what would be booked, or raise the first reason why it cannot be; nothing is written."""
    found = wish.plan(starts_at, utcnow(), own)
    if isinstance(found, list) or own.has_lapsed:
        against = found if isinstance(found, list) else []
        raise min([*against, *[HoldExpired] * own.has_lapsed], key=RANK.__getitem__)
    return found


@contextmanager
def taking_back(tell: Callable[[], dict[str, object]], *refusals: type[Refusal]) -> Iterator[None]:
    """Take back what was done where one of `refusals` is raised, and let it say besides what `tell` returns.

    Going back gives the locks back before alternatives are looked for, so that losers do not keep others waiting.
    """
    savepoint = db.session.begin_nested()
    try:
        yield
    except refusals as refusal:
        savepoint.rollback()
        refusal.extra |= tell()
        raise
    savepoint.commit()


def offering(wished: Callable[[], tuple[Wish, datetime, Own]]) -> AbstractContextManager[None]:
    """Take back what was done where a reason against a time is raised, and let it offer what is near the one `wished`.

    A blocked client is offered nothing.
    """
    return taking_back(lambda: {"alternatives": alternatives_to(*wished())}, *TIME_REFUSED)
