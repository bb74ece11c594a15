"""The control: the application as rivals build it. It checks, and then acts on what it saw.

The check is ended before the writing begins, and the database's own rule is dropped by the test. Everything else is
the real application.
"""

from contextvars import ContextVar
from typing import Any

from app import create_app
from app.bookings import service
from app.bookings.plan import Plan
from app.bookings.request import Request
from app.bookings.service import create as door
from app.bookings.service.create import create_booking
from app.bookings.service.deciding import decide
from app.bookings.wishes import NOTHING, read_wish
from app.extensions import db
from app.kit.clock import utcnow
from app.transactions import reading

_seen: ContextVar[Plan | None] = ContextVar("seen")


def check_then_act(*, actor: Any, request: Request) -> Any:
    """Look whether the time is free, let go, and book."""
    db.session.rollback()
    with reading():
        found = read_wish(request).plan(request.starts_at, utcnow(), NOTHING)
        _seen.set(found if isinstance(found, Plan) else None)
    return create_booking(actor=actor, request=request)


service.create_booking = check_then_act
door.decide = lambda *args: _seen.get() or decide(*args)  # type: ignore[attr-defined]  # the name that `create` calls
app = create_app()
