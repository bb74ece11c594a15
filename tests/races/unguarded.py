"""The control: the application as rivals build it. It checks, and then acts on what it saw.

The check is ended before the writing begins, and the database's own rule is dropped by the test. Everything else is
the real application.
"""

from contextvars import ContextVar
from typing import Any

from app import create_app
from app.bookings import service
from app.bookings.conflicts import Verdict, judge
from app.bookings.service import create as door
from app.bookings.service.create import Request, create_booking
from app.bookings.work import wish_for
from app.extensions import db
from app.kit.clock import utcnow
from app.transactions import reading

_seen: ContextVar[Verdict] = ContextVar("seen")


def check_then_act(*, actor: Any, request: Request) -> Any:
    """Look whether the time is free, let go, and book."""
    db.session.rollback()
    with reading():
        _seen.set(judge(wish_for(request.service_id, request.staff_id), request.starts_at, utcnow()))
    return create_booking(actor=actor, request=request)


service.create_booking = check_then_act
door.judge = lambda *_args: _seen.get()  # type: ignore[attr-defined]  # the name that `create` calls
app = create_app()
