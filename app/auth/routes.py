"""`/api/auth`: coming in. These views hold no transaction while a password is hashed."""

from typing import Any

from app.auth import service
from app.auth.errors import AccountDisabled, EmailTaken, InvalidCredentials, OwnerSignupClosed
from app.auth.schemas import LoginIn, RegisterIn, SessionOut
from app.security.guards import public
from app.web.blueprint import Blueprint, created

blueprint = Blueprint("auth", __name__, url_prefix="/api/auth")


@blueprint.post("/register")
@public
@blueprint.arguments(RegisterIn)
@blueprint.response(201, SessionOut)
@blueprint.refuses(OwnerSignupClosed, EmailTaken)
def register(fields: dict[str, Any]) -> Any:
    """Make an account and sign in."""
    return created(service.register(fields), "/api/users/me")


@blueprint.post("/login")
@public
@blueprint.arguments(LoginIn)
@blueprint.response(200, SessionOut)
@blueprint.refuses(InvalidCredentials, AccountDisabled)
def login(fields: dict[str, Any]) -> Any:
    """Sign in with email and password."""
    return service.login(**fields)
