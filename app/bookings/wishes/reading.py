"""From what is asked for to a wish: who and what it names, as they are now."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select, union_all

from app import lookups
from app.bookings import queries
from app.bookings.request import Asked, Request
from app.bookings.wishes.letting import Letting
from app.bookings.wishes.statements import PERFORMED
from app.bookings.wishes.visit import Visit
from app.bookings.work import Candidate, Part, Work, performed_by_service
from app.diary.allocations import Lock, locking
from app.extensions import db
from app.kit.among import among
from app.kit.errors import NotFound
from app.kit.prepared import PREPARED
from app.models import Resource, Space
from app.staff.service import get_staff

_RESOURCES = Resource.__table__.c

Look = Callable[[Visit | Letting], object]
"""What looks at a wish, and raises what is against it."""


def read_wish(request: Request) -> Visit | Letting:
    """Return what a request wishes for. Raises `NotFound` naming the field of what is not there."""
    if request.space_id is None:
        return read_visit(request.parts)
    assert request.ends_at is not None  # noqa: S101  # the shape of a space's request has it
    return Letting(named_space(request.space_id), request.ends_at - request.starts_at, request.party_size)


def lock_wish(request: Request, also: Iterable[int] = (), look: Look | None = None) -> Visit | Letting:
    """Lock the diaries of those asked for, and `also` these, and only then read what is asked for: as it is now.

    Whoever is assigned to a service at this very moment, and therefore not locked, is not asked. Raises `NotFound`.

    Where one diary is asked for and somebody writes in it, all who want it wait for the end of that together, and call
    `look` before they stand in line: of fifty who want one time, the others are told at once by what that raises.
    """
    wanted = {*also, request.space_id or 0, *(part.staff_id for part in request.parts)} - {0}
    alone = look is not None and len(wanted) == 1 and None not in wanted
    locked = _lock(request, also, Lock.AT_ONCE) if alone else set()
    if look is not None and alone and not locked:
        _stand_by(request)
        look(read_wish(request))
    locked = locked or _lock(request, also)
    wish = read_wish(request)
    return wish.among(locked) if isinstance(wish, Visit) else wish


def _stand_by(request: Request) -> None:
    """Wait until nobody writes in what is asked for, and keep nobody waiting."""
    with db.session.begin_nested() as savepoint:
        _lock(request, (), Lock.TOGETHER)
        savepoint.rollback()


def read_visit(parts: Sequence[Asked]) -> Visit:
    """Return the visit, read in one statement. Raises `NotFound`."""
    service_ids = {asked.service_id for asked in parts}
    found = performed_by_service(lookups.rows(PERFORMED, {"service_ids": list(service_ids)}))
    for asked in parts:
        if asked.service_id not in found:
            raise NotFound.naming(f"{asked.path}service_id")
    return Visit(tuple(_part(*found[asked.service_id], asked) for asked in parts))


def named_space(space_id: int) -> Space:
    """Return a space as it is now, even one that is let no more. Raises `NotFound` naming `space_id`."""
    space = db.session.get(Space, space_id, populate_existing=True)
    if space is None:
        raise NotFound.naming("space_id")
    return space


def _part(service: Work, candidates: Sequence[Candidate], wanted: Asked) -> Part:
    staff_id = wanted.staff_id
    able = (one for one in candidates if one.staff_id not in wanted.not_by)
    asked = tuple(one for one in able if staff_id in (None, one.staff_id))
    stranger = None if staff_id is None or asked else get_staff(staff_id, field=f"{wanted.path}staff_id")
    return Part(service, tuple(candidates), asked, stranger)


def _lock(request: Request, also: Iterable[int], how: Lock = Lock.WAITING) -> set[int]:
    named = [*also] if request.space_id is None else [*also, request.space_id]
    values: dict[str, Any] = {"named": named} if named else {}
    for n, asked in enumerate(request.parts):
        values |= {f"service_{n}": asked.service_id, f"staff_{n}": asked.staff_id}
    shape = tuple(asked.staff_id is not None for asked in request.parts)
    return set(db.session.scalars(_locking(shape, how, by_name=bool(named)), values))


@lru_cache(maxsize=256)
def _locking(shape: tuple[bool, ...], how: Lock, *, by_name: bool) -> Select[int]:
    """Return the statement that locks those asked for, made once for visits alike: whether each part names somebody.

    Its values are `service_0`, `staff_0` and so on; and where some are asked for by name, `named`.
    """
    found = [_performers(n, is_named=is_named) for n, is_named in enumerate(shape)]
    if by_name:
        found.append(select(Resource.id).where(among(_RESOURCES.id, "named")))
    return locking(select(union_all(*found).subquery().c[0]), how).execution_options(**PREPARED)


def _performers(n: int, *, is_named: bool) -> Select[int]:
    return queries.performers(bindparam(f"service_{n}"), bindparam(f"staff_{n}") if is_named else None)
