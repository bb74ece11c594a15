"""A new password: by whoever knows the old one, or by whoever reads the account's mail. Hashed outside transactions."""

from app.audit.service import record, user_thing
from app.extensions import business
from app.models import TokenPurpose, User
from app.security.passwords import hash_password
from app.security.sessions import end_all_sessions
from app.transactions import reading, transaction
from app.users.addresses import prove
from app.users.contact import email_key_of_anything
from app.users.errors import LinkInvalid
from app.users.mails import PASSWORD_CHANGED, RESET, mail_soon
from app.users.one_time_tokens import find, use
from app.users.password_rules import check_password
from app.users.passwords import confirm_password
from app.users.service import get_account, lock_user

MAILED = (TokenPurpose.PASSWORD_RESET, TokenPurpose.INVITATION)


def change_password(user_id: int, *, current: str, new: str) -> None:
    """Give an account another password; all its sessions end. Raises `WrongPassword`, `Invalid`, `Busy`."""
    email = confirm_password(user_id, current).email
    check_password(new, *_personal(email), field="new_password")
    new_hash = hash_password(new)
    with transaction():
        user = lock_user(user_id)
        _replace(user, new_hash)
        record("users.password_changed", actor_id=user.id, thing=user_thing(user.id))


def ask_for_reset(email: str) -> None:
    """Leave a mail with a link to the account of an address, if there is one; the same is done if there is none."""
    user = get_account(email_key_of_anything(email))
    mail_soon(RESET, None if user is None else user.id)


def reset_password(token: str, new: str) -> None:
    """Give the account of a mailed token another password; all its sessions end, and its address is proved.

    The token is used up last, so that a password that is refused costs nothing.

    Raises `LinkInvalid`, `Invalid`, `Busy`.
    """
    with reading():
        email = find(token, *MAILED).email
    check_password(new, *_personal(email))
    new_hash = hash_password(new)
    with transaction():
        used = use(token, *MAILED)
        user = lock_user(used.user_id)
        if not user.has_login:
            raise LinkInvalid
        prove(user, used.email)
        _replace(user, new_hash)
        record("users.password_reset", actor_id=user.id, thing=user_thing(user.id))


def _replace(user: User, new_hash: str) -> None:
    user.password_hash, user.failed_logins, user.locked_until = new_hash, 0, None
    end_all_sessions(user)
    mail_soon(PASSWORD_CHANGED, user.id)


def _personal(email: str | None) -> tuple[str, ...]:
    """Return the words that everybody would try first for this account."""
    return (business.name,) if email is None else (email, business.name)
