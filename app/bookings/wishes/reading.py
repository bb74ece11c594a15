"""From what is asked for to a wish: who and what it names, as they are now."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select, union_all

from app.bookings import queries
from app.bookings.request import Asked, Request
from app.bookings.wishes.letting import Letting
from app.bookings.wishes.statements import PERFORMED
from app.bookings.wishes.visit import Visit
from app.bookings.work import Candidate, Part, Work, performed_by_service
from app.diary.allocations import lock_resources
from app.extensions import db
from app.kit.errors import NotFound
from app.models import Resource, Space
from app.staff.service import get_staff


def read_wish(request: Request) -> Visit | Letting:
    """Return what a request wishes for. Raises `NotFound` naming the field of what is not there."""
    if request.space_id is None:
        return read_visit(request.parts)
    assert request.ends_at is not None  # noqa: S101  # the shape of a space's request has it
    return Letting(named_space(request.space_id), request.ends_at - request.starts_at, request.party_size)


def lock_wish(request: Request, also: Iterable[int] = ()) -> Visit | Letting:
    """Lock the diaries of those asked for, and `also` these, and only then read what is asked for: as it is now.

    Whoever is assigned to a service at this very moment, and therefore not locked, is not asked. Raises `NotFound`.
    """
    locked = lock_resources(_asked_for(request, also))
    wish = read_wish(request)
    return wish.among(locked) if isinstance(wish, Visit) else wish


def read_visit(parts: Sequence[Asked]) -> Visit:
    """Return the visit, read in one statement. Raises `NotFound`."""
    service_ids = {asked.service_id for asked in parts}
    found = performed_by_service(db.session.execute(PERFORMED, {"service_ids": list(service_ids)}))
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


def _asked_for(request: Request, also: Iterable[int]) -> Select[int]:
    named = [*also] if request.space_id is None else [*also, request.space_id]
    performers = (queries.performers(asked.service_id, asked.staff_id) for asked in request.parts)
    asked = union_all(select(Resource.id).where(Resource.id.in_(named)), *performers).subquery()
    return select(asked.c[0])
