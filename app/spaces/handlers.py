"""How spaces answer to what happens to the accounts whose they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from app.diary.allocations import lock_resources
from app.extensions import db
from app.images.service import remove_all
from app.images.subjects import Kind, Subject
from app.models import Space, User
from app.spaces.permissions import may_let
from app.spaces.profiles import profiles
from app.spaces.schemas import SpaceOut
from app.spaces.service import retire
from app.users.events import erasing, exporting, powers_changed


def connect() -> None:
    """Listen; called once by `create_app`."""
    erasing.connect(_on_erasing)
    exporting.connect(_on_exporting)
    powers_changed.connect(_on_powers_changed)


def _on_erasing(user: User) -> None:
    """Retire what the account lets, and forget where that is and how it looks.

    Raises `LettingsAhead` where somebody is expected.
    """
    for space in _locked_spaces_of(user):
        retire(space)
        space.description, space.address = "", ""
        space.latitude = space.longitude = None
        remove_all(Subject(Kind.RESOURCE, space.id))


def _on_powers_changed(user: User) -> None:
    """Let nothing of an account that may not let: what is booked stays, whoever may opens its spaces again."""
    if may_let(user):
        return
    for space in _locked_spaces_of(user):
        space.active = False
    db.session.flush()


def _locked_spaces_of(user: User) -> Sequence[Space]:
    """Lock the spaces of an account, and return them as they are now."""
    lock_resources(select(Space.id).where(Space.owner_id == user.id))
    return db.session.scalars(_owned_by(user).execution_options(populate_existing=True)).all()


def _on_exporting(user: User) -> dict[str, Any]:
    return {"spaces": SpaceOut().dump(profiles(db.session.scalars(_owned_by(user)).all()), many=True)}


def _owned_by(user: User) -> Select[Space]:
    return select(Space).where(Space.owner_id == user.id).order_by(Space.id)
