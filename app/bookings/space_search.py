"""Spaces that are free for a certain time, as a booking would ask for it.

The database narrows them down by indexes; what passes is asked of the engine that decides about every booking, many at
a time: so what is listed is accepted while nothing changes (product.md promise 3).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import false

from app.bookings.plan import Plan
from app.bookings.space_conditions import Stay, may_be_free, zones_of_spaces
from app.bookings.wishes import NOTHING
from app.bookings.wishes.letting import Letting
from app.diary.outlook import Outlook
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.intervals import to_span
from app.models import Space
from app.web.pagination import Rows

MOST_BATCHES = 5
"""How many times a request asks the engine, for at least sixty spaces at once."""


def stay(starts_at: datetime, ends_at: datetime) -> Stay:
    """Return the interval, asked at the present instant."""
    return Stay(starts_at, ends_at, utcnow())


def narrowed(found: Rows, wanted: Stay) -> Rows:
    """Return the select of spaces without most that cannot be had; it asks for the zones, in one statement."""
    if not wanted.is_lawful:
        return found.where(false())
    return found.where(may_be_free(wanted, db.session.scalars(zones_of_spaces()).all()))


def sift(wanted: Stay) -> Callable[[Sequence[Space]], set[Space]]:
    """Return what tells which of some spaces a booking of that time would be accepted for, in one statement."""
    return partial(_lettable, wanted)


def _lettable(wanted: Stay, spaces: Sequence[Space]) -> set[Space]:
    if not spaces:
        return set()
    span = to_span(wanted.starts_at, wanted.ends_at)
    outlook = Outlook(span)
    outlook({space.id: space.timezone for space in spaces}, span, wanted.now)
    asked = {space: Letting(space, wanted.length, read=outlook) for space in spaces}
    return {space for space, one in asked.items() if isinstance(one.plan(wanted.starts_at, wanted.now, NOTHING), Plan)}
