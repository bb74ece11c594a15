"""`/api/users/me/avatar`: the picture that you are shown with."""

from typing import Any

from app.images.errors import Busy
from app.images.schemas import AvatarIn
from app.integrations.images import StoreDown
from app.security.guards import current_actor, signed_in
from app.transactions import transactional
from app.users.schemas import UserOut
from app.users.service import delete_avatar, set_avatar
from app.web.blueprint import Blueprint

blueprint = Blueprint("avatars", __name__, url_prefix="/api/users")


@blueprint.put("/me/avatar")
@signed_in
@blueprint.arguments(AvatarIn, location="files")
@blueprint.response(200, UserOut)
@blueprint.refuses(Busy, StoreDown)
def replace(fields: dict[str, Any]) -> Any:
    """Show yourself by a picture, in place of the one before.

    It is turned upright, made to fit 800 × 800, and rid of everything that is not the picture.
    """
    return set_avatar(current_actor().id, fields["image"])


@blueprint.delete("/me/avatar")
@signed_in
@transactional
@blueprint.response(204)
def delete() -> None:
    """Show yourself without a picture."""
    delete_avatar(current_actor().id)
