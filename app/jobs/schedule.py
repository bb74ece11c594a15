"""What is done again and again. However many schedulers run, each time is one task of the outbox, and none is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import BULK, business, db
from app.jobs.outbox import enqueue, enqueue_once, handles
from app.jobs.policy import Policy, attempts_within
from app.jobs.queries import WAITING
from app.kit.clock import utcnow
from app.models import OutboxEvent, PeriodicTask
from app.transactions import reading, transaction

PERIODIC: Final = "periodic"
"""The outbox topic of what is done again and again; its payload is the `name`."""

_SOON: Final = timedelta(minutes=5)
_TOO_FAR: Final = 3
"""What is due so many intervals from now was planned by a clock that went wrong. Clocks that differ a little do not."""

_DAYS_AHEAD: Final = 3
"""Today's time may be over, and a zone that crosses the date line leaves out a whole day."""

_PATIENT: Final = Policy(attempts_within(timedelta(days=1), _SOON), longest_wait=_SOON)


@dataclass(frozen=True, slots=True)
class Periodic:
    """What is done, after about how long again, and when exactly after an instant at which it was put in line."""

    interval: timedelta
    step: Callable[[], bool | None]
    next_after: Callable[[datetime], datetime]


_periodic: dict[str, Periodic] = {}


def connect() -> None:
    """Carry out what is due of it; called once by `create_app`, before any room registers."""
    _periodic.clear()
    handles(PERIODIC, _carry_out, _PATIENT)


def every(interval: timedelta, name: str, step: Callable[[], bool | None]) -> None:
    """Have `step` called every `interval`, in a transaction of the worker's, from the first start on.

    It does a bounded piece of work; where it returns True there is more, and it is called again at once. It is called
    at least once each time, and never while another call of it goes on. Where nobody worked for a while, what was
    missed is done once. `name` is `room.what_is_done`.
    """
    _periodic[name] = Periodic(interval, step, lambda now: now + interval)


def daily(at: time, name: str, step: Callable[[], bool | None]) -> None:
    """Have `step` called as `every` does, at the first start and then each day when the business's clocks show `at`.

    On the day of a clock change it is once as well: a time that is left out means as much later, one that comes twice
    the first of them.
    """
    _periodic[name] = Periodic(timedelta(days=1), step, partial(_next_day, at))


def _next_day(at: time, now: datetime) -> datetime:
    """Return the first instant after `now` at which the business's clocks show `at`."""
    zone = ZoneInfo(business.timezone)
    today = now.astimezone(zone).date()
    days = (datetime.combine(today + timedelta(days=n), at, zone).astimezone(UTC) for n in range(_DAYS_AHEAD))
    return next(instant for instant in days if instant > now)


def enqueue_due() -> int:
    """Put whatever is due in line; return how many that were."""
    now = utcnow()
    with reading():
        rows = db.session.execute(select(PeriodicTask.name, PeriodicTask.due_at)).all()
    times = {row.name: row.due_at for row in rows}
    due = [name for name in _periodic if name not in times or not now < times[name] <= _latest(name, now)]
    return sum(_enqueue(name, now) for name in due)


def _latest(name: str, now: datetime) -> datetime:
    return now + _TOO_FAR * max(_periodic[name].interval, _SOON)


def _enqueue(name: str, now: datetime) -> bool:
    """Put it in line, unless another scheduler was faster, or the last time is still waiting."""
    with transaction():
        _ensure_row(name, now)
        is_due = or_(PeriodicTask.due_at <= now, PeriodicTask.due_at > _latest(name, now))
        is_mine = (PeriodicTask.name == name, is_due)
        moved = update(PeriodicTask).where(*is_mine).values(due_at=_periodic[name].next_after(now))
        if not db.session.scalars(moved.returning(PeriodicTask.name), execution_options=BULK).all():
            return False
        return enqueue_once(PERIODIC, {"name": name}, due_at=now, subject=name) or _bring_back(name, now)


def _bring_back(name: str, now: datetime) -> bool:
    """Let a waiting task that a wrong clock has put off begin now; say whether there is one."""
    waits = (OutboxEvent.topic == PERIODIC, OutboxEvent.subject == name, *WAITING)
    put_off = or_(OutboxEvent.due_at > _latest(name, now), OutboxEvent.claimed_until > _latest(name, now))
    moved = update(OutboxEvent).where(*waits, put_off).values(due_at=now, claimed_until=None)
    return bool(db.session.scalars(moved.returning(OutboxEvent.id), execution_options=BULK).all())


def _ensure_row(name: str, now: datetime) -> None:
    if db.session.get(PeriodicTask, name) is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.execute(insert(PeriodicTask).values(name=name, due_at=now))
    except IntegrityError:
        return  # another scheduler begins with it as well


def _carry_out(payload: dict[str, Any]) -> None:
    """Call it; what an older version did again and again, and this one does not know, is done with."""
    periodic = _periodic.get(payload["name"])
    if periodic is not None and periodic.step():
        enqueue(PERIODIC, payload, due_at=utcnow(), subject=payload["name"])
