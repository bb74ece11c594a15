"""`/api/users`: accounts."""

from typing import Any

from app.security.guards import current_actor, signed_in
from app.transactions import transactional
from app.users import service
from app.users.schemas import ProfileIn, UserOut
from app.web.blueprint import Blueprint

blueprint = Blueprint("users", __name__, url_prefix="/api/users")


@blueprint.get("/me")
@signed_in
@blueprint.response(200, UserOut)
def read_me() -> Any:
    """Read your own account."""
    actor = current_actor()
    return service.get_user(actor, actor.id)


@blueprint.patch("/me")
@signed_in
@blueprint.arguments(ProfileIn)
@transactional
@blueprint.response(200, UserOut)
def change_me(fields: dict[str, Any]) -> Any:
    """Change your own profile; fields left out stay."""
    return service.change_profile(current_actor(), fields)
