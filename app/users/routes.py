"""`/api/users`: accounts."""

from typing import Any

from app.models import Role, User
from app.security.guards import current_account, current_actor, roles, signed_in
from app.security.limits import limited_confirmation, limited_sign_in
from app.security.passwords import Busy
from app.transactions import transactional
from app.users import service
from app.users.errors import AccountErased, BookingsAhead, EmailTaken, LastAdmin, TooManyMails, WrongPassword
from app.users.including import included
from app.users.profiles import profile
from app.users.queries import BY_EMAIL, Filters
from app.users.schemas import (
    AccountAndMoreOut,
    AccountOut,
    AccountQuery,
    ErasureIn,
    ExportOut,
    OwnProfileIn,
    PasswordIn,
    UserChangesIn,
    UserIn,
    UserOut,
    UsersQuery,
)
from app.web.blueprint import Blueprint, created
from app.web.pagination import Column, paginate
from app.web.schemas import list_of

blueprint = Blueprint("users", __name__, url_prefix="/api/users")

SORTS: dict[str, Column] = {"created_at": User.created_at, "email": BY_EMAIL}


@blueprint.get("/me")
@signed_in
@blueprint.response(200, UserOut)
def read_me() -> Any:
    """Read your own account."""
    return current_account()


@blueprint.patch("/me")
@signed_in
@limited_confirmation
@blueprint.arguments(OwnProfileIn)
@blueprint.response(200, UserOut)
@blueprint.refuses(WrongPassword, TooManyMails, Busy)
def change_me(fields: dict[str, Any]) -> Any:
    """Change your own profile; fields left out stay.

    Another `email` needs your `current_password`, and counts once it is confirmed by the link mailed to it. There
    are at most five such mails an hour.
    """
    return service.change_own_profile(current_actor(), fields)


@blueprint.put("/me/password")
@signed_in
@limited_sign_in
@blueprint.arguments(PasswordIn)
@blueprint.response(204)
@blueprint.refuses(WrongPassword, Busy)
def change_password(fields: dict[str, Any]) -> None:
    """Change your password. All your sessions end, and the links mailed to you before; sign in again."""
    service.change_password(current_actor().id, current=fields["current_password"], new=fields["new_password"])


@blueprint.get("/me/export")
@signed_in
@blueprint.response(200, ExportOut)
def export_me() -> Any:
    """Take home all that is kept about you, as one JSON document."""
    found = service.export_account(current_actor().id)
    return found, {"Content-Disposition": 'attachment; filename="parlour-export.json"'}


@blueprint.post("/me/erase")
@signed_in
@limited_sign_in
@blueprint.arguments(ErasureIn)
@blueprint.response(204)
@blueprint.refuses(WrongPassword, BookingsAhead, LastAdmin, Busy)
def erase_me(fields: dict[str, Any]) -> None:
    """Erase your account, at once and for good.

    Nothing stays that says who you were. What you booked stays without it; bookings ahead stand against it.
    """
    service.erase_account(current_actor().id, **fields)


@blueprint.get("")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.arguments(UsersQuery, location="query")
@blueprint.response(200, list_of(AccountOut))
def list_all(query: dict[str, Any]) -> Any:
    """List accounts; staff look up clients, walk-ins too."""
    actor = current_actor()
    filters = Filters(query["q"], service.phone_meant_by(query["q"]), query["role"], query["is_active"])
    page = paginate(service.list_users(actor, filters), SORTS, query)
    return page | {"items": [profile(actor, user) for user in page["items"]]}


@blueprint.post("")
@roles(Role.ADMIN)
@blueprint.arguments(UserIn)
@transactional
@blueprint.response(201, AccountOut)
@blueprint.refuses(EmailTaken)
def create(fields: dict[str, Any]) -> Any:
    """Make an account of any role; its owner is invited by mail, and chooses the password."""
    actor = current_actor()
    user = service.create_user(actor, fields)
    return created(profile(actor, user), f"/api/users/{user.id}")


@blueprint.get("/<id:user_id>")
@signed_in
@blueprint.arguments(AccountQuery, location="query")
@blueprint.response(200, AccountAndMoreOut)
def read(query: dict[str, Any], user_id: int) -> Any:
    """Read an account: your own, staff those of clients, admins all."""
    actor = current_actor()
    account = current_account() if user_id == actor.id else service.get_user(actor, user_id)
    return profile(actor, account) | included(query["include"], user_id)


@blueprint.patch("/<id:user_id>")
@signed_in
@blueprint.arguments(UserChangesIn)
@transactional
@blueprint.response(200, AccountOut)
@blueprint.refuses(LastAdmin, AccountErased, EmailTaken)
def change(fields: dict[str, Any], user_id: int) -> Any:
    """Change an account: your own profile, or as an admin anybody's and what it may do.

    To others than admins `role`, `is_active`, `blocked` and `email` are unknown fields. Deactivation ends all
    sessions and mailed links of the account; a role change lets tokens of the old role open nothing. Spaces of whoever
    is no active owner or admin any more become unavailable. Only a walk-in has an `email` that an admin may change, and
    no `role` but client. The last active admin stays one.
    """
    actor = current_actor()
    return profile(actor, service.change_user(actor, user_id, fields))


@blueprint.delete("/<id:user_id>")
@roles(Role.ADMIN)
@transactional
@blueprint.response(204)
@blueprint.refuses(LastAdmin)
def deactivate(user_id: int) -> None:
    """Deactivate an account and end its sessions; what it did and booked stays, its spaces become unavailable."""
    service.deactivate_user(current_actor(), user_id)
