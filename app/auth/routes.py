"""`/api/auth`: coming in and going out. Where a password is hashed, the view holds no transaction meanwhile."""

from typing import Any

from app.auth import service
from app.auth.errors import AccountDisabled, InvalidCredentials, OwnerSignupClosed
from app.auth.schemas import (
    ForgotIn,
    LoginIn,
    MailedToken,
    RefreshIn,
    RegisterIn,
    ResetIn,
    SessionOut,
    SessionQuery,
    TokensOut,
)
from app.models import AuthSession
from app.security.errors import BAD_TOKEN, TokenMissing, TokenReused
from app.security.guards import current_actor, current_session_id, public, signed_in
from app.security.limits import limited_links, limited_sign_in
from app.security.passwords import Busy
from app.security.sessions import list_sessions
from app.security.tokens import bearer_token
from app.transactions import transactional
from app.users import service as users
from app.users.errors import EmailTaken, LinkInvalid
from app.users.mails import VERIFY, mail_soon
from app.web.blueprint import Blueprint, created
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("auth", __name__, url_prefix="/api/auth")


@blueprint.post("/register")
@public
@limited_links
@blueprint.arguments(RegisterIn)
@blueprint.response(201, TokensOut)
@blueprint.refuses(OwnerSignupClosed, EmailTaken, Busy)
def register(fields: dict[str, Any]) -> Any:
    """Make an account and sign in."""
    return created(service.register(fields), "/api/users/me")


@blueprint.post("/login")
@public
@limited_sign_in
@blueprint.arguments(LoginIn)
@blueprint.response(200, TokensOut)
@blueprint.refuses(InvalidCredentials, AccountDisabled, Busy)
def login(fields: dict[str, Any]) -> Any:
    """Sign in with email and password."""
    return service.login(**fields)


@blueprint.post("/refresh")
@public
@blueprint.arguments(RefreshIn)
@blueprint.response(200, TokensOut)
@blueprint.refuses(TokenMissing, *BAD_TOKEN, TokenReused)
def refresh(fields: dict[str, Any]) -> Any:
    """Trade a refresh token, in the body or as Bearer, for new tokens. It is spent, and its successor comes along.

    Within 30 seconds a repeat gets the same successor; later the whole session ends.
    """
    return service.refresh(fields.get("refresh_token") or bearer_token())


@blueprint.post("/logout")
@signed_in
@transactional
@blueprint.response(204)
def logout() -> None:
    """Sign out: this session's tokens stop working at once."""
    service.logout(user_id=current_actor().id, session_id=current_session_id())


@blueprint.post("/logout-all")
@signed_in
@transactional
@blueprint.response(204)
def logout_all() -> None:
    """Sign out everywhere: the tokens of all your sessions stop working at once."""
    service.logout_everywhere(user_id=current_actor().id)


@blueprint.get("/sessions")
@signed_in
@blueprint.arguments(SessionQuery, location="query")
@blueprint.response(200, list_of(SessionOut))
def read_sessions(query: dict[str, Any]) -> Any:
    """List where you are signed in."""
    page = paginate(list_sessions(current_actor().id), {"created_at": AuthSession.created_at}, query)
    return page | {"items": [service.shown(session, current_session_id()) for session in page["items"]]}


@blueprint.delete("/sessions/<id:session_id>")
@signed_in
@transactional
@blueprint.response(204)
def delete_session(session_id: int) -> None:
    """Sign out one of your sessions, such as that of a lost phone."""
    service.logout_elsewhere(user_id=current_actor().id, session_id=session_id)


@blueprint.post("/password/forgot")
@public
@limited_links
@blueprint.arguments(ForgotIn)
@transactional
@blueprint.response(202)
def forgot_password(fields: dict[str, Any]) -> None:
    """Have a link to choose a new password mailed; the answer is the same whether or not there is such an account."""
    users.ask_for_reset(fields["email"])


@blueprint.post("/password/reset")
@public
@limited_links
@blueprint.arguments(ResetIn)
@blueprint.response(204)
@blueprint.refuses(LinkInvalid, Busy)
def reset_password(fields: dict[str, Any]) -> None:
    """Choose a new password with the token of a mailed link; all sessions and other links of the account end."""
    users.reset_password(fields["token"], fields["password"])


@blueprint.post("/email/verify")
@public
@limited_links
@blueprint.arguments(MailedToken)
@transactional
@blueprint.response(204)
@blueprint.refuses(LinkInvalid, EmailTaken)
def verify_email(fields: dict[str, Any]) -> None:
    """Prove an email address with the token of a mailed link."""
    users.verify_email(fields["token"])


@blueprint.post("/email/resend")
@signed_in
@limited_links
@transactional
@blueprint.response(202)
def resend_verification() -> None:
    """Have the link that proves your email mailed once more, unless it is proved already."""
    mail_soon(VERIFY, current_actor().id)
