"""Forgetting somebody: what says who it was goes at once; what the books need stays, and names nobody."""

from sqlalchemy import BigInteger, cast, delete, func, or_, update

from app.audit.service import forget_origins, record, user_thing
from app.extensions import BULK, db
from app.images.service import remove_all
from app.images.subjects import Kind, Subject
from app.kit.clock import utcnow
from app.models import AuthSession, IdempotencyKey, OneTimeToken, OutboxEvent
from app.transactions import transaction
from app.users.admins import keep_an_admin, lock_account
from app.users.events import erasing
from app.users.service.confirmation import confirm_password, lock_confirmed

NOBODY = {
    "email": None,
    "email_key": None,
    "password_hash": None,
    "first_name": "Erased",
    "last_name": "",
    "phone": None,
    "country": None,
    "timezone": None,
    "locale": None,
    "bio": "",
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
    confirmed = confirm_password(user_id, password)
    with transaction():
        user = lock_confirmed(confirmed, lock_account)
        keep_an_admin(user)
        erasing.send(user)
        _forget_access(user.id)
        _forget_tasks(user.id)
        remove_all(Subject(Kind.USER, user.id))
        for name, value in NOBODY.items():
            setattr(user, name, value)
        user.erased_at = utcnow()
        user.token_version += 1
        record("users.erased", actor_id=user.id, thing=user_thing(user.id))
        forget_origins(user.id)


def _forget_access(user_id: int) -> None:
    """End the sessions, and remove what they, mailed links and answers to repeated requests tell of somebody.

    The rows of sessions stay: a refresh that is under way may just be adding to one. Answers that staff had about a
    client are not repeated any more, either: what was asked for would be refused.
    """
    about = or_(*(IdempotencyKey.body.contains(f'"client_id":{user_id}{end}') for end in ",}"))
    ended_at = func.coalesce(AuthSession.ended_at, utcnow())
    for statement in (
        update(AuthSession).where(AuthSession.user_id == user_id).values(ended_at=ended_at, user_agent=""),
        delete(OneTimeToken).where(OneTimeToken.user_id == user_id),
        delete(IdempotencyKey).where(or_(IdempotencyKey.user_id == user_id, about)),
    ):
        db.session.execute(statement, execution_options=BULK)


def _forget_tasks(user_id: int) -> None:
    """Empty the tasks that name the account, and carry them out no more; those that are done hold nothing personal.

    Each of the two has its index: the waiting are few, and so are the dead.
    """
    named = cast(OutboxEvent.payload["user_id"].as_string(), BigInteger) == user_id
    forgotten = update(OutboxEvent).where(named).values(payload={}, last_error=None)
    is_waiting = (OutboxEvent.done_at.is_(None), OutboxEvent.dead_at.is_(None))
    for statement in (
        forgotten.where(*is_waiting).values(done_at=utcnow()),
        forgotten.where(OutboxEvent.dead_at.is_not(None)),
    ):
        db.session.execute(statement, execution_options=BULK)
