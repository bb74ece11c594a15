"""A new password: by whoever knows the old one, or by whoever reads the account's mail. Hashed outside transactions."""

from app.audit.service import record, user_thing
from app.models import TokenPurpose, User
from app.security.passwords import hash_password
from app.security.sessions import end_all_sessions
from app.transactions import reading, transaction
from app.users.contact import email_key_of_anything
from app.users.errors import LinkInvalid
from app.users.mails import PASSWORD_CHANGED, RESET, mail_soon
from app.users.one_time_tokens import end_all, find, use
from app.users.password_rules import check_password
from app.users.service.accounts import get_account, lock_user
from app.users.service.confirmation import confirm_password, lock_confirmed
from app.users.service.emails import prove

MAILED = (TokenPurpose.PASSWORD_RESET, TokenPurpose.INVITATION)


def change_password(user_id: int, *, current: str, new: str) -> None:
    """Give an account another password; all its sessions and mailed links end.

    Raises `WrongPassword`, `Invalid`, `Busy`.
    """
    confirmed = confirm_password(user_id, current)
    check_password(new, confirmed.email, field="new_password")
    new_hash = hash_password(new)
    with transaction():
        user = lock_confirmed(confirmed)
        set_password(user, new_hash)
        mail_soon(PASSWORD_CHANGED, user.id)
        record("users.password_changed", actor_id=user.id, thing=user_thing(user.id))


def ask_for_reset(email: str) -> None:
    """Leave a mail with a link to the account of an email, if there is one; the same is done if there is none."""
    user = get_account(email_key_of_anything(email))
    mail_soon(RESET, None if user is None else user.id)


def reset_password(token: str, new: str) -> None:
    """Give the account of a mailed token another password; all its sessions and mailed links end, its email is proved.

    The token is used up last, so that a password that is refused costs nothing.

    Raises `LinkInvalid`, `Invalid`, `Busy`.
    """
    with reading():
        found = find(token, *MAILED)
    check_password(new, found.email)
    new_hash = hash_password(new)
    with transaction():
        user = lock_user(found.user_id)
        used = use(token, *MAILED)
        if not user.has_login:
            raise LinkInvalid
        prove(user, used.email)
        set_password(user, new_hash)
        mail_soon(PASSWORD_CHANGED, user.id)
        record("users.password_reset", actor_id=user.id, thing=user_thing(user.id))


def set_password(user: User, new_hash: str) -> None:
    """Set the password of a locked account. Its sessions and mailed links end, and it is open again if it was closed.

    Whoever was in the account may have had such a link mailed to an email of their own.
    """
    user.password_hash, user.failed_logins, user.locked_until = new_hash, 0, None
    end_all_sessions(user)
    end_all(user)
