"""`/api/spaces`: what is let by time. Lists of them are a search, which needs the bookings: see `app.bookings`."""

from typing import Any

from app.diary.errors import BookingsInTheWay
from app.diary.schemas import ClosureIn, ClosureOut, ClosuresQuery, NewClosureOut, WeeklyHours
from app.images.albums import Album, serve_album
from app.images.subjects import Kind
from app.kit.errors import NotFound
from app.models import Closure, Role
from app.security.guards import current_actor, public, roles
from app.spaces import diary, service
from app.spaces.errors import LettingsAhead
from app.spaces.profiles import profile
from app.spaces.schemas import SpaceChangesIn, SpaceIn, SpaceOut
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.caching import cacheable
from app.web.pagination import paginate
from app.web.preconditions import seen_version, versioned
from app.web.schemas import list_of

blueprint = Blueprint("spaces", __name__, url_prefix="/api/spaces")

KEEPERS = (Role.OWNER, Role.ADMIN)


@blueprint.post("")
@roles(*KEEPERS)
@blueprint.arguments(SpaceIn)
@transactional
@blueprint.response(201, SpaceOut)
@blueprint.refuses(NotFound)
def create(fields: dict[str, Any]) -> Any:
    """Add a space; it can be booked once it has hours."""
    space = service.create_space(current_actor(), fields)
    return created(profile(space), f"/api/spaces/{space.id}")


@blueprint.get("/<id:space_id>")
@public
@cacheable
@blueprint.response(200, SpaceOut)
def read(space_id: int) -> Any:
    """Read one space, unavailable and retired ones too."""
    return profile(service.get_space(space_id))


@blueprint.patch("/<id:space_id>")
@roles(*KEEPERS)
@versioned
@blueprint.arguments(SpaceChangesIn)
@transactional
@blueprint.response(200, SpaceOut)
def change(fields: dict[str, Any], space_id: int) -> Any:
    """Change a space; what is booked stays as it was agreed. `status: available` offers a retired one again."""
    return profile(service.change_space(current_actor(), space_id, fields, seen=seen_version()))


@blueprint.put("/<id:space_id>")
@roles(*KEEPERS)
@versioned
@blueprint.arguments(SpaceChangesIn)
@transactional
@blueprint.response(200, SpaceOut)
def put(fields: dict[str, Any], space_id: int) -> Any:
    """Change a space, as PATCH does: what is left out stays."""
    return profile(service.change_space(current_actor(), space_id, fields, seen=seen_version()))


@blueprint.delete("/<id:space_id>")
@roles(*KEEPERS)
@versioned
@transactional
@blueprint.response(204)
@blueprint.refuses(LettingsAhead)
def retire(space_id: int) -> None:
    """Retire a space: it is let and listed no more, its history stays. Bookings ahead: 409 `future_bookings`."""
    service.retire_space(current_actor(), space_id, seen=seen_version())


@blueprint.get("/<id:space_id>/hours")
@public
@blueprint.response(200, WeeklyHours)
def read_hours(space_id: int) -> Any:
    """Read the weekly hours."""
    return {"hours": diary.weekly_hours(space_id)}


@blueprint.put("/<id:space_id>/hours")
@roles(*KEEPERS)
@blueprint.arguments(WeeklyHours)
@transactional
@blueprint.response(200, WeeklyHours)
def replace_hours(fields: dict[str, Any], space_id: int) -> Any:
    """Replace the weekly hours; bookings stay where they are."""
    return {"hours": diary.set_weekly_hours(current_actor(), space_id, fields["hours"])}


@blueprint.get("/<id:space_id>/closures")
@roles(*KEEPERS)
@blueprint.arguments(ClosuresQuery, location="query")
@blueprint.response(200, list_of(ClosureOut))
def list_closures(query: dict[str, Any], space_id: int) -> Any:
    """List when a space is closed besides its hours."""
    found = diary.closures(current_actor(), space_id, query["first"], query["last"])
    return paginate(found, {"starts_at": Closure.starts_at}, query)


@blueprint.post("/<id:space_id>/closures")
@roles(*KEEPERS)
@blueprint.arguments(ClosureIn)
@transactional
@blueprint.response(201, NewClosureOut)
@blueprint.refuses(BookingsInTheWay)
def close(fields: dict[str, Any], space_id: int) -> Any:
    """Close a space for some time; over bookings only with `force`, which keeps and reports them."""
    closure, clashes = diary.close(current_actor(), space_id, fields)
    shown = {name: getattr(closure, name) for name in ("id", "starts_at", "ends_at", "reason")}
    return created(shown | {"clashes": clashes}, f"/api/spaces/{space_id}/closures")


@blueprint.delete("/<id:space_id>/closures/<id:closure_id>")
@roles(*KEEPERS)
@transactional
@blueprint.response(204)
def reopen(space_id: int, closure_id: int) -> None:
    """Take a closure back."""
    diary.reopen(current_actor(), space_id, closure_id)


serve_album(
    blueprint,
    Album(
        Kind.RESOURCE,
        thing="space",
        keepers=KEEPERS,
        see=lambda _actor, space_id: service.get_space(space_id),
        keep=service.space_kept_by,
    ),
)
