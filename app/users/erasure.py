"""Forgetting somebody: what says who it was goes at once; what the books need stays, and names nobody."""

from sqlalchemy import BigInteger, case, cast, delete, func, select, update

from app.audit.service import forget_addresses, record, user_thing
from app.extensions import db
from app.kit.clock import utcnow
from app.models import AuthSession, OneTimeToken, OutboxEvent, RefreshToken
from app.transactions import transaction
from app.users.admins import keep_an_admin, lock_account
from app.users.errors import WrongPassword
from app.users.events import erasing
from app.users.passwords import confirm_password

NOBODY = {
    "email": None,
    "email_key": None,
    "password_hash": None,
    "first_name": "Erased",
    "last_name": "",
    "phone": None,
    "country": None,
    "timezone": None,
    "bio": "",
    "avatar_url": None,
    "is_active": False,
    "email_verified": False,
    "failed_logins": 0,
    "locked_until": None,
}
"""What is left of an account: its id, its role, and when it began and ended."""


def erase_account(user_id: int, *, password: str) -> None:
    """Anonymise the account of whoever asks. It cannot be undone.

    Raises `WrongPassword`, `Busy`, `LastAdmin`, `BookingsAhead`. Called outside transactions, or in one that has
    written nothing.
    """
    confirmed = confirm_password(user_id, password).password_hash
    with transaction():
        user = lock_account(user_id)
        if user.password_hash != confirmed:
            raise WrongPassword
        keep_an_admin(user)
        erasing.send(user)
        _forget_access(user.id)
        _forget_tasks(user.id)
        for name, value in NOBODY.items():
            setattr(user, name, value)
        user.erased_at = utcnow()
        user.token_version += 1
        record("users.erased", actor_id=user.id, thing=user_thing(user.id))
        forget_addresses(user.id)


def _forget_access(user_id: int) -> None:
    """Remove all by which the account was signed in, and every mailed token."""
    sessions = select(AuthSession.id).where(AuthSession.user_id == user_id)
    for statement in (
        delete(RefreshToken).where(RefreshToken.session_id.in_(sessions)),
        delete(AuthSession).where(AuthSession.user_id == user_id),
        delete(OneTimeToken).where(OneTimeToken.user_id == user_id),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})


def _forget_tasks(user_id: int) -> None:
    """Empty the tasks that name the account; those that wait are not carried out."""
    named = cast(OutboxEvent.payload["user_id"].as_string(), BigInteger) == user_id
    done = case((OutboxEvent.dead_at.is_(None), func.coalesce(OutboxEvent.done_at, utcnow())))
    db.session.execute(
        update(OutboxEvent).where(named).values(payload={}, last_error=None, done_at=done),
        execution_options={"synchronize_session": False},
    )
