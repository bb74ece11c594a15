"""Checking the password of an account, a limited number of times. Never inside a transaction: it takes a quarter of a
second. What is then done under the lock asks once more whether that was the account's password still."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import case, func, update

from app.audit.service import record, user_thing
from app.extensions import db
from app.kit.clock import utcnow
from app.models import User
from app.security.passwords import burn_password_check, verify_password
from app.transactions import reading, transaction
from app.users.errors import WrongPassword
from app.users.service.accounts import lock_user

MOST_FAILURES = 100
"""Wrong passwords in a row for one account (NIST SP 800-63B §5.2.2), after which no password is tried for a while."""

LOCKED_FOR = timedelta(hours=24)


def confirm_password(user_id: int, password: str) -> User:
    """Return the account if the password is its own; called outside transactions, or in one that has written nothing.

    That one ends here, and no lock is held while the password is checked; `lock_confirmed` comes next. Raises
    `WrongPassword`, also for accounts that have no password or too many failures; `Busy`.
    """
    with reading():
        user = db.session.get_one(User, user_id, populate_existing=True)
    if is_password_of(user, password):
        return user
    with transaction():
        count_failure(user.email_key or "")
        record("users.password_refused", actor_id=user.id, thing=user_thing(user.id))
    raise WrongPassword


def lock_confirmed(confirmed: User, lock: Callable[[int], User] = lock_user) -> User:
    """Lock an account whose password has just been checked, and return it as it is now.

    Raises `WrongPassword` where another password has been set, or the account was deactivated or erased, meanwhile.
    """
    checked = confirmed.password_hash  # read first: locking brings this very object up to date
    user = lock(confirmed.id)
    if user.password_hash != checked or not user.is_active:
        raise WrongPassword
    return user


def is_password_of(user: User | None, password: str) -> bool:
    """Say whether the password is the account's own, in the same time whether or not there is one. Raises `Busy`.

    After `MOST_FAILURES` none is for a while.
    """
    is_locked = user is not None and user.locked_until is not None and user.locked_until > utcnow()
    stored = None if user is None or is_locked else user.password_hash
    if stored is None:
        burn_password_check(password)
        return False
    return verify_password(password, stored)


def count_failure(key: str) -> None:
    """Count a wrong password for the email of `key`. The same is done, and as fast, where it has no account."""
    now = utcnow()
    is_last = User.failed_logins + 1 >= MOST_FAILURES
    db.session.execute(
        update(User)
        .where(User.email_key == key, User.has_login, func.coalesce(User.locked_until, now) <= now)
        .values(
            failed_logins=case((is_last, 0), else_=User.failed_logins + 1),
            locked_until=case((is_last, now + LOCKED_FOR), else_=None),
        )
        .execution_options(synchronize_session=False)
    )
